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
const rounds = isLong ? 40 : 2;
const runs = isLong ? 12 : 4;

const places = [
  "/var/lib/dkms",
  "/var/lib/dkms-alpm",
  "/var/cache/dkms-alpm",
  "/usr/lib/modules",
  "/usr/src",
  "/tmp",
] as const;

/** What writes little enough to come near its end, and what writes at several of the places. */
const names: readonly [string, ...string[]] = [
  "install hook: modules are built and installed",
  "install hook: a module is upgraded",
  "install hook: modules are installed from kept results",
  "remove hook: modules go",
  "dkms install, by hand",
  "dkms mkpkg",
  "dkms mktarball",
  "dkms prune",
];

const pageBytes = 4096;
/** Pages that an operation may find free: some need none, none needs more. */
const mostPages = 40;

/** A file beside the place, on the same file system, leaves that many pages free while the program runs. */
function fullDisk(machine: FaultMachine, place: string, pages: number): Strike {
  const filler = machine.path("/srv/full/filler");
  return {
    name: `${pages} free pages below ${place}`,
    victim: "program",
    isKill: false,
    words: /no space (is )?left|filling the disk/i,
    comparison: "plain",
    begin: () => {
      const { bavail, bsize } = statfsSync(machine.path("/srv/full"));
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - pages * pageBytes)));
    },
    end: () => {
      rmSync(filler);
      return { path: place, extent: "from there on" };
    },
  };
}

const mountSmallDisk = `
mkdir -p /srv/full "$0"
mount -t tmpfs -o size=16m,mode=755 full /srv/full
mkdir /srv/full/place
chmod --reference="$0" /srv/full/place
mount --bind /srv/full/place "$0"`;

test(`disks with room for little (seed ${random.seed})`, async () => {
  if (!isLong) console.log(`seed ${random.seed}: DKMS_ALPM_SEED=${random.seed} chooses the same disks`);
  const machine = await faultMachine();
  const tally = new Tally();
  try {
    await machine.save("nothing");
    for (let round = 0; round < rounds; round += 1) {
      const place = random.pick([...places]);
      const name = random.pick([...names]);
      const operation = operations.find((known) => known.name === name);
      if (operation === undefined) throw new Error(`there is no operation "${name}"`);
      await machine.restore("nothing");
      await machine.need(["sh", "-euc", mountSmallDisk, place]);
      const rehearsed = await rehearse(machine, operation);
      for (let run = 0; run < runs; run += 1) {
        const strike = fullDisk(machine, place, Math.floor(random.below(mostPages)));
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
  assert.is(tally.losses().length, 0, tally.losses().join("\n\n"));
});

test.run();
