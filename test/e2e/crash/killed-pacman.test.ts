/** Kills pacman together with its hooks at a random moment of their work: the next transaction, whatever it is about, finishes theirs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { createScene, installed, linux, linuxNext, newer, older, type Scene } from "../scenario.ts";
import { seededRandom } from "./random.ts";
import { isLong } from "../../form.ts";
import { until } from "../../until.ts";

const random = seededRandom();
const rounds = isLong ? 20 : 1;

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });
const user = await tinyModule({ name: "user", moduleVersion: "1.0", conf: 'BUILD_DEPENDS[0]="tiny"\n' });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });

/** What is installed before, the transaction that is killed, and what `dkms status` says after another one. */
const rows = [
  { title: "modules come", before: linux.both, args: ["-U", tiny, user], release: older, version: "1.0" },
  {
    title: "kernel and module are upgraded",
    before: [...linux.both, tiny, user],
    args: ["-U", ...linuxNext.both, tinyNext],
    release: newer,
    version: "2.0",
  },
] as const;

for (const { title, before, args, release, version } of rows) {
  test(`${title}; killed ${rounds} times (seed ${random.seed})`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      // A transaction that has ended before its moment came tells nothing: a sooner one is tried.
      for (let moment = random.below(2500), isKilled = false; !isKilled; moment *= 0.7) {
        const transcript: string[] = [];
        const machine = await createScene(transcript);
        try {
          await machine.commit("-U", ...before);
          isKilled = await killInHooks(machine, args, moment);
          if (!isKilled) continue;
          await machine.commit("-U", other);
          const expected = [
            installed("other/1.0", release),
            installed(`tiny/${version}`, release),
            installed("user/1.0", release),
          ];
          assert.equal(await machine.status(), expected, `killed ${moment.toFixed(0)} ms after the hook had begun`);
          if (release !== older) assert.equal(await machine.traces(older), []);
          if (version !== "1.0") assert.equal(await machine.traces("tiny/1.0"), []);
          assert.is(await machine.modinfo(release, "version", "user"), "1.0");
          assert.equal(
            machine.tree("/var/lib/dkms-alpm").filter((path) => !/^(stamps|reports)\//.test(path)),
            [],
          );
        } catch (error) {
          console.log(transcript.join("\n"));
          throw error;
        } finally {
          await machine.dispose();
        }
      }
    }
  });
}

/** Runs a transaction and kills pacman with all that it has started, some time after our hook has begun; false: it had ended before. */
async function killInHooks(machine: Scene, args: readonly string[], milliseconds: number): Promise<boolean> {
  const command = machine.start(["pacman", "--noconfirm", ...args], { timeout: 300 });
  await command.waitFor(/Building and installing DKMS modules/);
  let ended = false;
  const end = (): void => void (ended = true);
  command.result.then(end, end);
  await until("the hook has its targets", () => ended || machine.list("/var/lib/dkms-alpm/targets").length > 0);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  command.kill("SIGKILL");
  const { signal } = await command.result;
  machine.remove("/var/lib/pacman/db.lck");
  return signal === "SIGKILL";
}

test.run();
