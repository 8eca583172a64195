/** Whole programs with hostile input, in a disposable machine: they end with a listed code, run no word of it and write nowhere but into their trees. */
import { build } from "esbuild";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong, seed } from "../../form.ts";
import { createMachine } from "../machine.ts";
import { countedAs } from "../../reliability-row.ts";
import { trees } from "./arena.ts";
import { kinds } from "./kinds.ts";
import { canary } from "../../fuzz/words.ts";

/** Cases of each kind: those with trees change and look at a whole machine, and take half a second. */
const casesOf = (kind: string): number => {
  if (kind === "trees") return isLong ? 3000 : 12;
  return isLong ? 6000 : 40;
};

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, "worker.ts")],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "node20.19",
  logLevel: "error",
  define: { DKMS_ALPM_VERSION: '"fuzz"' },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
const machine = await createMachine();
machine.write("/root/worker.mjs", outputFiles[0]?.text ?? "");

for (const kind of Object.keys(kinds)) {
  const runs = casesOf(kind);
  test(`${kind}: ${runs} cases, seed ${seed}`, () =>
    countedAs({ what: `programs given hostile ${kind}`, fault: "hostile input", tried: runs }, async () => {
      await machine.need(["touch", "/run/start"]);
      const started = lstatSync(machine.path("/run/start")).ctimeMs;
      // Twenty times what it takes on a quick machine that has nothing else to do, at least.
      const seconds = 600 + 10 * runs;
      // Appended to, so that a case can empty it and finds what it says itself.
      const worker = `: >/run/said; exec timeout -s KILL ${seconds} node /root/worker.mjs '${kind}' ${seed} ${runs} >>/run/said 2>&1`;
      const { status } = await machine.run(["sh", "-c", worker], { timeout: 2 * seconds });
      assert.is(status, 0, `${machine.read("/run/said").slice(-2500)}\nthe last: ${machine.read("/run/case")}`);
      assert.not.ok(machine.exists(canary));
      assert.equal(await changedElsewhere(started), []);
    }));
}

/** Paths outside of the trees that have changed since the start, in milliseconds of the clock. */
async function changedElsewhere(started: number): Promise<readonly string[]> {
  const search = [
    "find",
    "/",
    "-xdev",
    "-cnewer",
    "/run/start",
    ...trees.flatMap((tree) => ["-not", "-path", `${tree}*`]),
  ];
  const found = (await machine.need(search)).split("\n").filter((path) => path !== "");
  return found.filter((path) => !expected.has(path) && !changesOnHost(path, started));
}

/** Whether the host itself has changed this path since: what it writes, a log for example, shows through. */
function changesOnHost(path: string, started: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.ctimeMs >= started;
}

/** Parents of the trees, which are made anew for every case. */
const expected: ReadonlySet<string> = new Set([
  ...[
    "/",
    "/tmp",
    "/victim",
    "/victim/file",
    "/run",
    "/etc",
    "/usr",
    "/usr/lib",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/cache",
  ],
]);

test.run();
