/** Many modules for many kernels, nothing to do: told quickly, and exactly as the reference tells it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { laidMachines, type LaidMachines } from "../bench/laid-machines.ts";
import { buildLayOut } from "../bench/laid-out.ts";
import { measure } from "../bench/measure.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-speed-"));
let machines: LaidMachines;

test.before(async () => {
  await buildLayOut(join(folder, "lay-out.mjs"));
  machines = await laidMachines(join(folder, "lay-out.mjs"));
  await machines.lay(30, 5);
});

test.after(async () => {
  await machines.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("30 modules for 5 kernels, all in scope and all up to date: the hook ends before anybody notices", async () => {
  const { ours } = machines;
  const targets = ours.list("/usr/lib/modules").map((release) => `usr/lib/modules/${release}/modules.order\n`);
  const hook = ["/usr/lib/dkms-alpm/bin/dkms-install"];
  assert.is((await ours.run(hook, { input: targets.join("") })).output, "");
  const run: (typeof ours)["run"] = (argv, options) => ours.run(argv, options);
  const figures = await measure(
    { bare: { run, argv: ["node", "-e", "0"] }, hook: { run, argv: hook, input: targets.join("") } },
    7,
  );
  const starts = figures.hook.leastCpu / figures.bare.leastCpu;
  assert.ok(starts < 4.5, `as long as ${starts} starts of bare Node`);
});

test("dkms status says what the reference says, with stamps and without", async () => {
  const reference = (await machines.dkms("reference", ["status", "module-1[01]"])).stdout;
  assert.is((await machines.dkms("ours", ["status", "module-1[01]"])).stdout, reference);
  machines.ours.remove("/var/lib/dkms-alpm");
  assert.is((await machines.dkms("ours", ["status", "module-1[01]"])).stdout, reference);
  assert.is(reference.trim().split("\n").length, 2 * 5);
});

test.run();
