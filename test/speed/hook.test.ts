/** Many modules for many kernels, nothing to do: found out with few looks, and told exactly as the reference tells it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { laidMachines, type LaidMachines } from "../bench/laid-machines.ts";
import { buildLayOut } from "../bench/laid-out.ts";
import { counted, type Place } from "./counts.ts";

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

test("30 modules for 5 kernels, all in scope and all up to date: the hook starts nothing but itself", async () => {
  const { ours } = machines;
  const targets = ours.list("/usr/lib/modules").map((release) => `usr/lib/modules/${release}/modules.order\n`);
  const hook = ["/usr/lib/dkms-alpm/bin/dkms-install"];
  assert.is((await ours.run(hook, { input: targets.join("") })).output, "");
  const inside = "/usr/lib/dkms-alpm";
  const place: Place = {
    run: (argv, options) => ours.run(argv, options),
    read: (path) => ours.read(path),
    programs: { inside, outside: ours.path(inside) },
    trace: "/tmp/trace",
  };
  const counts = await counted(place, ["node", ...hook], targets.join(""));
  assert.is(counts.programs, 1, JSON.stringify(counts));
  assert.ok(counts.files < 40 * 150, `${counts.files} looks at files for 150 pairs`);
  assert.ok(counts.code < 1_000_000, `${counts.code} bytes of code`);
});

test("dkms status says what the reference says, with stamps and without", async () => {
  const reference = (await machines.dkms("reference", ["status", "module-1[01]"])).stdout;
  assert.is((await machines.dkms("ours", ["status", "module-1[01]"])).stdout, reference);
  machines.ours.remove("/var/lib/dkms-alpm");
  assert.is((await machines.dkms("ours", ["status", "module-1[01]"])).stdout, reference);
  assert.is(reference.trim().split("\n").length, 2 * 5);
});

test.run();
