/** What is known of the modules of a kernel: from the world, the plan, and what was read of the kernel. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelFacts } from "../../../src/decide/boot/facts.ts";
import type { ModulePresence, ObservedKernel, RequiredModule } from "../../../src/model/boot/facts.ts";
import { kernel, moduleId, world, type KernelSpec, type ModuleSpec } from "../world-builder.ts";
import { object } from "./facts-builder.ts";

const required: RequiredModule = { name: "zfs", because: "the root file system is of its type" };

/** Where `zfs`, which the machine needs to boot, is for kernel 6.2. */
function presence(
  modules: readonly ModuleSpec[],
  read: Partial<Pick<ObservedKernel, "objects" | "indexed" | "additions" | "builtIn">> = {},
  spec: Partial<KernelSpec> = {},
): ModulePresence | undefined {
  const observed: ObservedKernel = {
    kernel: kernel("6.2"),
    pkgbase: "linux",
    objects: new Map(),
    indexed: new Set(),
    additions: new Map(),
    builtIn: new Set(),
    start: { kind: "unknown", why: "nobody has looked" },
    ...read,
  };
  const machine = world({ kernels: [{ release: "6.2", ...spec }], modules });
  const [facts] = kernelFacts(machine, [observed], [required]);
  return facts?.modules.find(({ name }) => name === "zfs")?.presence;
}

const additions = new Map([["zfs", "extra/zfs.ko.zst"]]);

test("a required module without a source is where something other than DKMS has put it", () => {
  assert.equal(presence([], { additions }), { kind: "added", path: "extra/zfs.ko.zst" });
  assert.equal(presence([], { additions, indexed: new Set(["zfs"]) }), { kind: "kernels-own", builtIn: false });
  const objects = new Map([["zfs", [object("6.2")]]]);
  assert.is(presence([], { additions, objects })?.kind, "missing", "DKMS has put it there, and removes it");
  assert.equal(presence([]), { kind: "missing", id: undefined, cause: { kind: "no-source" } });
});

test("a required module whose source is there is not called one without a source", () => {
  const modules = ["zfs/2.1", "zfs/2.10", "zfs/2.9"].map((module): ModuleSpec => ({ module, autoinstall: "no" }));
  const missing = { kind: "missing", id: moduleId("zfs/2.10") } as const;
  assert.equal(presence(modules), { ...missing, cause: { kind: "by-hand" } });
  assert.equal(presence(modules, {}, { headers: "no" }), { ...missing, cause: { kind: "no-headers" } });
});

test("a version that is left out does not hide that another one is missing", () => {
  const excluded: ModuleSpec = { module: "zfs/2.1", excluded: ["6.2"] };
  const wanted: ModuleSpec = { module: "zfs/2.2" };
  const missing = { kind: "missing", id: moduleId("zfs/2.2"), cause: { kind: "not-installed" } };
  assert.equal(presence([excluded, wanted]), missing);
  assert.equal(presence([wanted, excluded]), missing);
  assert.is(presence([excluded])?.kind, "excluded");
});

test.run();
