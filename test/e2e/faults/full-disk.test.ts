/**
 * Runs on a disk that has room for a random number of bytes, below one of the directories of ours: the message is clear, nothing is lost, and once there is room
 * the next run comes to the end of an undisturbed one. `DKMS_ALPM_LONG=1` tries many.
 */
import { statfsSync, writeFileSync, rmSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong } from "../../form.ts";
import { reliabilityRow, reliabilityTable } from "../../reliability-row.ts";
import { seededRandom } from "../crash/random.ts";
import { faultMachine, type FaultMachine } from "./fault-machine.ts";
import { operations } from "./operations.ts";
import { play, rehearse, type Strike } from "./play.ts";
import { Tally } from "./tally.ts";

const random = seededRandom();
const runs = isLong ? 16 : 4;

/** What writes at which place, and how many pages it needs there. */
const rows: readonly [Row, ...Row[]] = [
  ["/var/lib/dkms", "install hook: modules are built and installed", 7],
  ["/var/lib/dkms", "install hook: a module is upgraded", 4],
  ["/var/lib/dkms", "install hook: modules are installed from kept results", 8],
  ["/var/lib/dkms", "dkms install, by hand", 5],
  ["/var/lib/dkms-alpm", "install hook: modules are built and installed", 14],
  ["/var/lib/dkms-alpm", "install hook: a module is upgraded", 9],
  ["/var/lib/dkms-alpm", "install hook: modules are installed from kept results", 4],
  ["/var/lib/dkms-alpm", "remove hook: modules go", 2],
  ["/var/lib/dkms-alpm", "dkms install, by hand", 8],
  ["/var/cache/dkms-alpm", "install hook: modules are built and installed", 7],
  ["/var/cache/dkms-alpm", "install hook: a module is upgraded", 4],
  ["/var/cache/dkms-alpm", "dkms install, by hand", 4],
  ["/usr/lib/modules", "install hook: modules are built and installed", 10],
  ["/usr/lib/modules", "install hook: a module is upgraded", 9],
  ["/usr/lib/modules", "install hook: modules are installed from kept results", 10],
  ["/usr/lib/modules", "remove hook: modules go", 6],
  ["/usr/lib/modules", "dkms install, by hand", 9],
  ["/usr/lib/modules", "dkms prune", 5],
  ["/tmp", "dkms mkpkg", 6],
  ["/tmp", "dkms mktarball", 6],
];
type Row = readonly [place: string, operation: string, pages: number];

const pageBytes = 4096;

/** A file beside the place, on the same file system, leaves that many pages free while the program runs. */
function fullDisk(machine: FaultMachine, place: string, pages: number): Strike {
  const filler = machine.path("/srv/full/filler");
  const words = /no space (is )?left|filling the disk/i;
  return {
    name: `${pages} free pages below ${place}`,
    victim: "program",
    isKill: false,
    words,
    comparison: "plain",
    begin: () => {
      const { bavail, bsize } = statfsSync(machine.path("/srv/full"));
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - pages * pageBytes)));
    },
    end: ({ status, output }) => {
      const isFull = statfsSync(machine.path("/srv/full")).bavail === 0;
      rmSync(filler);
      // What needed less than there was has met no full disk.
      return isFull || status !== 0 || words.test(output) ? { path: place, extent: "from there on" } : undefined;
    },
  };
}

/** A build's objects are not taken where less than 64 MiB would stay free. */
const mountSmallDisk = `
mkdir -p /srv/full "$0"
mount -t tmpfs -o size=96m,mode=755 full /srv/full
mkdir /srv/full/place
chmod --reference="$0" /srv/full/place
mount --bind /srv/full/place "$0"`;

test(`disks with room for little (seed ${random.seed})`, async () => {
  if (!isLong) console.log(`seed ${random.seed}: DKMS_ALPM_SEED=${random.seed} chooses the same disks`);
  const machine = await faultMachine();
  const tally = new Tally();
  try {
    await machine.save("nothing");
    for (const [place, name, needed] of isLong ? rows : [random.pick(rows), random.pick(rows)]) {
      const operation = operations.find((known) => known.name === name);
      if (operation === undefined) throw new Error(`there is no operation "${name}"`);
      await machine.restore("nothing");
      await machine.need(["sh", "-euc", mountSmallDisk, place]);
      const rehearsed = await rehearse(machine, operation);
      for (let run = 0; run < runs; run += 1) {
        const strike = fullDisk(machine, place, Math.floor(random.below(needed)));
        tally.add(operation.name, "disk with room for little", await play(machine, rehearsed, strike));
      }
      await machine.restore("nothing");
      await machine.need(["sh", "-euc", 'umount "$0"; umount /srv/full', place]);
    }
  } finally {
    await machine.dispose();
  }
  console.log(reliabilityTable(tally.rows()));
  for (const row of tally.rows()) reliabilityRow(row);
  assert.ok(tally.rows().length > 0, "no run met a full disk");
  assert.is(tally.losses().length, 0, tally.losses().join("\n\n"));
});

test.run();
