import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { originalDirectory, resultDirectory } from "../../../src/model/machine/layout.ts";
import { inspectPair, type Inspection } from "../../../src/observe/objects/objects.ts";
import { readPair } from "../../../src/observe/tree/tree.ts";
import {
  activate,
  build,
  elf,
  kernel,
  makeScratch,
  packed,
  placing,
  put,
  type Scratch,
} from "../../act/install/scratch.ts";

const one = elf({ version: "1" });
const two = elf({ version: "2" });
const kernelLocation = "kernel/drivers/misc";

/** What is to be said of a module with the objects `a` and `b` after `change` has happened to it. */
async function inspect(
  change: (scratch: Scratch, result: string) => void,
  { distribution = "arch", names = ["a", "b"] as readonly string[] | "unknown" } = {},
): Promise<string> {
  const scratch = makeScratch();
  try {
    const pair = build(scratch, "m/1", { "a.ko": one, "b.ko": one });
    const result = join(resultDirectory(scratch.layout, pair), "module");
    activate(scratch, pair);
    for (const name of ["a", "b"]) put(join(scratch.modules, "updates/dkms", `${name}.ko`), one);
    change(scratch, result);
    const state = readPair(scratch.layout, pair);
    if (state === undefined) throw new Error("not built");
    const { objects } = placing(scratch, pair, names === "unknown" ? [] : names);
    const inspection = await inspectPair({
      layout: scratch.layout,
      state,
      scheme: { distribution, addonDirectory: undefined },
      objects: names === "unknown" ? undefined : objects,
    });
    return words(inspection);
  } finally {
    scratch.remove();
  }
}

const withoutB = ({ modules }: Scratch): void => unlinkSync(join(modules, "updates/dkms/b.ko"));
const withOtherB = ({ modules }: Scratch): void => void put(join(modules, "updates/dkms/b.ko"), two);

function words({ originals, fault }: Inspection): string {
  return `${originals}${fault === undefined ? "" : ` ${fault.kind} ${fault.name}`}`;
}

const rows: readonly (readonly [string, string, (scratch: Scratch, result: string) => void])[] = [
  ["all is well", "none", () => {}],
  ["an object is not installed", "none differs b", ({ modules }) => unlinkSync(join(modules, "updates/dkms/b.ko"))],
  ["an installed object has changed", "none differs a", ({ modules }) => put(join(modules, "updates/dkms/a.ko"), two)],
  ["a result is missing", "none missing a", (_, result) => unlinkSync(join(result, "a.ko"))],
  [
    "the first object decides",
    "none differs a",
    ({ modules }, result) => {
      unlinkSync(join(result, "b.ko"));
      unlinkSync(join(modules, "updates/dkms/a.ko"));
    },
  ],
  [
    "originals are kept",
    "kept",
    ({ layout }) => mkdirSync(originalDirectory(layout, "m", kernel), { recursive: true }),
  ],
  [
    "originals are kept elsewhere, behind a link",
    "kept",
    ({ layout }) => {
      const directory = dirname(dirname(originalDirectory(layout, "m", kernel)));
      mkdirSync(`${directory}.elsewhere/${kernel.release}/${kernel.arch}`, { recursive: true });
      symlinkSync(`${directory}.elsewhere`, directory);
    },
  ],
  [
    "an installed link into the result is the same",
    "none",
    ({ modules }, result) => {
      unlinkSync(join(modules, "updates/dkms/a.ko"));
      symlinkSync(join(result, "a.ko"), join(modules, "updates/dkms/a.ko"));
    },
  ],
  [
    "a link to nowhere is not",
    "none differs a",
    ({ modules }) => {
      unlinkSync(join(modules, "updates/dkms/a.ko"));
      symlinkSync("/nowhere", join(modules, "updates/dkms/a.ko"));
    },
  ],
  [
    "the other location holds it, the usual one a module of another version",
    "none",
    ({ modules }) => {
      put(join(modules, "updates/dkms/a.ko"), two);
      put(join(modules, kernelLocation, "a.ko"), one);
    },
  ],
  [
    "the usual location holds another build of the same version",
    "none differs a",
    ({ modules }) => {
      put(join(modules, "updates/dkms/a.ko"), elf({ version: "1", srcversion: "other" }));
      put(join(modules, kernelLocation, "a.ko"), one);
    },
  ],
  [
    "results have another suffix than the kernel's modules",
    "none missing a",
    ({ modules }, result) => {
      put(join(modules, "kernel/net/c.ko.xz"), packed("xz", one));
      unlinkSync(join(result, "a.ko"));
      put(join(result, "a.ko.zst"), packed("zstd", one));
    },
  ],
  [
    "results have the suffix of the kernel's modules",
    "none",
    ({ modules }, result) => {
      put(join(modules, "kernel/net/c.ko.zst"), packed("zstd", one));
      unlinkSync(join(result, "a.ko"));
      unlinkSync(join(modules, "updates/dkms/a.ko"));
      put(join(result, "a.ko.zst"), packed("zstd", one));
      put(join(modules, "updates/dkms/a.ko.zst"), packed("zstd", one));
    },
  ],
  [
    "not installed, so nothing can differ",
    "none",
    ({ layout, modules }) => {
      unlinkSync(join(layout.dkmsTree, "m", "kernel-6.1.0-test-x86_64"));
      unlinkSync(join(modules, "updates/dkms/a.ko"));
    },
  ],
];
for (const [title, expected, change] of rows) {
  test(`${title}: ${expected}`, async () => assert.is(await inspect(change), expected));
}

test("only the objects that are wanted count", async () => {
  const outcome = await inspect(({ modules }) => unlinkSync(join(modules, "updates/dkms/b.ko")), { names: ["a"] });
  assert.is(outcome, "none");
});

test("without a conf the built objects are compared", async () => {
  assert.is(await inspect(withoutB, { names: "unknown" }), "none differs b");
  assert.is(await inspect(() => {}, { names: "unknown" }), "none");
});

test("without a conf, and where no location is known, the kernel's directory is searched", async () => {
  assert.is(await inspect(() => {}, { names: "unknown", distribution: "gentoo" }), "none");
  assert.is(await inspect(withOtherB, { names: "unknown", distribution: "gentoo" }), "none differs b");
});

test.run();
