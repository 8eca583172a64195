/** Kills installing and uninstalling before every single change that they make to a file system; the next run must come to the same end. */
import { buildSync } from "esbuild";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placePair } from "../../../src/act/install/place.ts";
import { build, elf, makeScratch, placing, put, snapshot, type Scratch } from "./scratch.ts";

type Action = "install" | "uninstall";

/** What changes names in a file system. */
const changes = ["mkdir", "rename", "symlink", "unlink", "rmdir"];

const scratch = makeScratch();
const child = join(scratch.root, "child.mjs");
buildSync({
  entryPoints: [join(import.meta.dirname, "kill-child.ts")],
  outfile: child,
  bundle: true,
  platform: "node",
  format: "esm",
  banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
});
test.after(() => scratch.remove());

function run(
  action: Action,
  tracer: readonly string[] = [],
): { readonly status: number | null; readonly stderr: string } {
  const [program = "", ...words] = [...tracer, process.execPath, child, join(scratch.root, "machine"), action];
  const { status, stderr, error } = spawnSync(program, words, { encoding: "utf8" });
  if (error !== undefined) throw error;
  return { status, stderr };
}

/** The next run, which nobody kills. */
function finish(action: Action): void {
  const { status, stderr } = run(action);
  assert.is(status, 0, stderr);
}

/** Kills the action before its n-th call of a kind; false when it does not make that many. */
function killed(action: Action, change: string, count: number): boolean {
  const inject = `inject=${change}:signal=SIGKILL:when=${count}`;
  const { status, stderr } = run(action, [
    "strace",
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    "-e",
    `trace=${change}`,
    "-e",
    inject,
  ]);
  if (status === 0) return false;
  // strace ends by the signal that has ended its child.
  assert.is(status, null, stderr);
  return true;
}

/** A machine where m/1 is active, whose object `old` m/2 has not; and the kernel has a module of its own that m/2 replaces. */
async function begin(): Promise<void> {
  const machine: Scratch = {
    ...scratch,
    layout: {
      ...scratch.layout,
      dkmsTree: join(scratch.root, "machine/dkms"),
      sourceTree: join(scratch.root, "machine/src"),
      installTree: join(scratch.root, "machine/lib/modules"),
    },
    modules: join(scratch.root, "machine/lib/modules/6.1.0-test"),
  };
  const plain = elf({});
  put(join(machine.modules, "kernel/fs/ext4.ko"), plain);
  put(join(machine.modules, "kernel/a/k.ko"), plain);
  put(join(machine.modules, "updates/dkms/m.ko"), plain);
  const old = build(machine, "m/1", { "m.ko": elf({ version: "1" }), "old.ko": elf({ version: "1" }) });
  await placePair(placing(machine, old, ["m", "old"]));
  build(machine, "m/2", { "m.ko": elf({ version: "2" }), "k.ko": elf({ version: "2" }) });
}

const start = join(scratch.root, "start");
const machine = join(scratch.root, "machine");

function reset(): void {
  rmSync(machine, { recursive: true, force: true });
  cpSync(start, machine, { recursive: true, verbatimSymlinks: true });
}

for (const action of ["install", "uninstall"] as const) {
  test(`${action} may be killed anywhere`, async () => {
    rmSync(start, { recursive: true, force: true });
    rmSync(machine, { recursive: true, force: true });
    await begin();
    if (action === "uninstall") finish("install");
    renameSync(machine, start);
    reset();
    finish(action);
    const end = snapshot(machine);
    assert.is(existsSync(join(machine, "dkms/m/kernel-6.1.0-test-x86_64/module")), action === "install");
    let kills = 0;
    for (const change of changes) {
      for (let count = 1; ; count += 1) {
        reset();
        if (!killed(action, change, count)) break;
        kills += 1;
        finish(action);
        assert.equal(snapshot(machine), end, `killed before ${change} number ${count}`);
      }
    }
    assert.ok(kills >= 5, `only ${kills} kills`);
  });
}

test.run();
