/** Hook programs as pacman starts them, with the targets as raw bytes: by both shells that are /bin/sh somewhere, and the guard by its hook's own line. */
import { writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong, seed } from "../../form.ts";
import { targetBytes } from "../../fuzz/bytes.ts";
import { canary, victim } from "../../fuzz/words.ts";
import { countedAs } from "../../reliability-row.ts";
import { projectMachine } from "../project-package.ts";
import { confText, goodConf, release } from "./arena.ts";
import { unseemly } from "./unseemly.ts";

const machine = await projectMachine();
const home = "/usr/lib/dkms-alpm";
// What every hook that says `Exec = /bin/sh -c '...'` gives to the shell.
const guardLine = /^Exec = \/bin\/sh -c '(.*)'$/m.exec(
  machine.read("/usr/share/libalpm/hooks/05-dkms-guard.hook"),
)?.[1];
assert.ok(guardLine);

/** Each way to be started, by its shell and what that runs; as few cases as their time allows. */
const ways: readonly { readonly shell: readonly string[]; readonly line: string; readonly runs: number }[] = [
  { shell: ["dash"], line: `exec dash ${home}/run-hook dkms-install`, runs: 10 },
  { shell: ["bash", "--posix"], line: `exec bash --posix ${home}/run-hook dkms-install`, runs: 10 },
  { shell: ["dash"], line: `exec dash ${home}/run-hook dkms-remove`, runs: 5 },
  { shell: ["bash", "--posix"], line: `exec bash --posix ${home}/run-hook dkms-remove`, runs: 5 },
  { shell: ["bash", "--posix"], line: `exec bash --posix ${home}/run-hook dkms-remove --leaving`, runs: 5 },
  { shell: ["dash"], line: guardLine, runs: 6 },
  { shell: ["bash", "--posix"], line: guardLine, runs: 6 },
];

for (const { shell, line, runs } of ways) {
  const numRuns = isLong ? runs * 40 : runs;
  test(`${shell[0]} -c '${line.slice(0, 70)}': ${numRuns} cases, seed ${seed}`, () =>
    countedAs({ what: "hooks given raw bytes", fault: "hostile input", tried: numRuns }, () =>
      fc.assert(
        fc.asyncProperty(targetBytes, async (bytes) => {
          await layOut();
          writeFileSync(machine.path("/run/stdin"), bytes);
          const words = [...shell, "-c", line];
          // A case may make smaller ones, and is told of with its bytes.
          const { status, output } = await machine.run(["sh", "-c", 'exec "$@" </run/stdin', "sh", ...words]);
          // The guard's 99 would need a machine that cannot boot without a module; 1 are pairs that failed.
          assert.ok(status === 0 || status === 1, `ended with ${status}: ${output.slice(-1500)}`);
          assert.is(unseemly(output), undefined);
          assert.not.match(output, /could not (do its )?work/);
          assert.not.ok(machine.exists(canary), "has run a word as a command");
          assert.is(machine.read(victim), "untouched");
          assert.equal(machine.list("/var/lib/dkms-alpm/targets"), [], "has left its targets");
        }),
        { seed, numRuns },
      ),
    ));
}

/** A kernel without headers, a module whose source is in order, and a file of somebody else. */
async function layOut(): Promise<void> {
  for (const tree of ["/var/lib/dkms", "/usr/src/good-1", "/var/lib/dkms-alpm", canary]) machine.remove(tree);
  machine.write(`/usr/lib/modules/${release}/modules.order`, "");
  machine.write("/usr/src/good-1/dkms.conf", confText(goodConf));
  machine.write(victim, "untouched");
}

test.run();
