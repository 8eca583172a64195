/** Kills `dkms check` at random moments: nothing of it is left, and the machine is as it was. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seed } from "../../form.ts";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
import { repository } from "../repository.ts";
import { createScene, type Scene } from "../scenario.ts";
import { listing } from "./ask.ts";

/** Numbers from 0 to 1 that are the same for the same seed. */
function numbers(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Kills one process of a check, after so many seconds: the one that was started, the one that works, or pacman's. */
const killOnce = `
dkms check >/tmp/out 2>&1 &
started=$!
sleep "$1"
case $2 in
  started) victim=$started ;;
  group) victim=$(pgrep -f 'bin/dkms check' | tail -n 1) ;;
  *) victim=$(pgrep -x "$2" | head -n 1) ;;
esac
kill -"$3" \${victim:-$started} 2>/dev/null
wait "$started"
echo "status $?"
`;

const victims = ["started", "started", "group", "pacman", "make", "unshare"] as const;
const signals = ["KILL", "KILL", "TERM", "INT"] as const;

/** Plays so many kills as a test. */
export function kills(count: number): void {
  test(`${count} kills at random moments leave nothing`, async () => {
    const [linux, linuxNext, good, needed] = await Promise.all([
      madeKernel("linux", "6.6.1-arch1-1", "6.6.1-1"),
      madeKernel("linux", "6.6.2-arch1-1", "6.6.2-1"),
      madeModule("good", "1.0"),
      madeModule("needed", "1.0", { broken: "6.6.2-arch1-1" }),
    ]);
    const machine = await createScene([], []);
    try {
      await machine.commit("-U", ...linux, good, needed);
      await repository(machine, "core", linuxNext);
      const began = Date.now();
      await machine.run(["dkms", "check"], { timeout: 100 });
      const longest = (Date.now() - began) / 1000;
      const before = await listing(machine);
      const number = numbers(seed);
      const pick = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(number() * choices.length)];
      for (let round = 0; round < count; round += 1) {
        // What is kept would make every further check shorter.
        await machine.need(["sh", "-c", "rm -rf /var/cache/dkms-alpm/tested /var/cache/pacman/pkg/*"]);
        const [moment, victim, signal] = [(number() * longest).toFixed(2), pick(victims), pick(signals)];
        const words = ["bash", "-c", killOnce, "kill", moment, victim ?? "", signal ?? ""];
        const { output } = await machine.run(words, { timeout: 60 });
        const told = `${moment} s, ${signal} to ${victim}: ${output}${machine.read("/tmp/out")}`;
        await isGone(machine, told);
        assert.is(await listing(machine), before, told);
      }
      const { status, output } = await machine.run(["dkms", "check"], { timeout: 100 });
      assert.is(status, 1, output);
      assert.equal(machine.list("/var/cache/dkms-alpm/guard"), [], "the next run clears what a killed one has left");
    } finally {
      await machine.dispose();
    }
  });
}

/** Processes that the kernel is ending may be seen for a moment. */
async function isGone(machine: Scene, told: string): Promise<void> {
  const look = "pgrep -af '^[^ ]*(node|pacman|make|bwrap|unshare|setpriv)( |$)'; grep dkms-alpm/ /proc/mounts; true";
  let left = "";
  for (let tries = 0; tries < 50; tries += 1) {
    left = await machine.need(["sh", "-c", look]);
    if (left === "") return;
    await machine.need(["sleep", "0.1"]);
  }
  assert.is(left, "", told);
}
