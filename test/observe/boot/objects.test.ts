/** Installed objects as the next boot finds them: where their stamp says, and with the bytes that were put there. */
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ObjectFacts } from "../../../src/model/boot/facts.ts";
import type { PlacedObject } from "../../../src/model/machine/placed-object.ts";
import { ObjectReader } from "../../../src/observe/boot/object-file.ts";
import { readModuleIndex, readPairObjects, type ObjectQuestion } from "../../../src/observe/boot/objects.ts";
import { readKernel } from "../../../src/observe/kernel/kernels.ts";
import { describePlaced } from "../../../src/observe/objects/placed-objects.ts";
import { readPair } from "../../../src/observe/tree/tree.ts";
import type { PlaceOrder } from "../../../src/act/install/place-order.ts";
import type { Pair } from "../../../src/model/pair.ts";
import {
  activate,
  build,
  elf,
  makeScratch,
  placeStamped,
  placing,
  put,
  type Scratch,
} from "../../act/install/scratch.ts";
import { observeContext } from "../context.ts";

/** What is read of the object `a`, which a stamp may know to be at an unusual place, after `change` has happened to it. */
async function read(
  isKnown: boolean,
  change: (installed: string) => void,
): Promise<{ bytes: ObjectFacts["bytes"] | undefined; path: string }> {
  const scratch = makeScratch();
  try {
    const { layout, modules } = scratch;
    const pair = build(scratch, "m/1", { "a.ko": elf({ version: "1" }) });
    activate(scratch, pair);
    const installed = put(join(modules, "kernel/elsewhere/a.ko"), elf({ version: "1" }));
    const placed: readonly PlacedObject[] = describePlaced(layout, pair, [installed]);
    change(installed);
    const found = readPair(layout, pair);
    if (found === undefined) throw new Error("not built");
    const [facts] = await readPairObjects(questionOf(scratch, pair), isKnown ? { ...found, placed } : found, undefined);
    return { bytes: facts?.bytes, path: facts?.path.slice(modules.length + 1) ?? "" };
  } finally {
    scratch.remove();
  }
}

function questionOf({ layout, modules }: Scratch, pair: Pair): ObjectQuestion {
  return {
    context: observeContext(layout),
    kernel: readKernel(layout, pair.kernel),
    reader: new ObjectReader(layout),
    index: readModuleIndex(modules),
    policy: { lockdown: "none", secureBoot: "off", enforced: false },
    config: undefined,
  };
}

/** `bytes path` of each object of an installed pair. */
async function objectsOf(scratch: Scratch, { pair, objects }: PlaceOrder): Promise<readonly string[]> {
  const state = readPair(scratch.layout, pair);
  if (state === undefined) throw new Error("not built");
  const found = await readPairObjects(questionOf(scratch, pair), state, objects);
  return found.map(({ bytes, path }) => `${bytes} ${path.slice(scratch.modules.length + 1)}`);
}

const place = { path: "kernel/elsewhere/a.ko" };

test("what has been read of a stamp is not read again, and says where an object is", async () => {
  assert.equal(await read(true, () => undefined), { bytes: "placed", ...place });
  assert.equal(await read(false, () => undefined), { bytes: "absent", path: "updates/dkms/a.ko" });
});

test("an object that is not as it was put there is compared with what was built", async () => {
  assert.equal(await read(true, (file) => put(file, elf({ version: "1" }))), { bytes: "placed", ...place });
  assert.equal(await read(true, (file) => put(file, elf({ version: "2" }))), { bytes: "altered", ...place });
  assert.equal(await read(true, (file) => rmSync(file)), { bytes: "absent", ...place });
});

test("modules of depmod's index outside of kernel/", () => {
  const scratch = makeScratch();
  try {
    const { modules } = scratch;
    for (const path of ["extra/zfs.ko.zst", "extra/spl.ko.zst", "updates/extra/nvidia-drm.ko", "build/Makefile"]) {
      put(join(modules, path), "");
    }
    // As depmod writes values: a number of four bytes, then the text.
    const texts = [
      "\0\0\0\u0001kernel/fs/ext4.ko.zst: kernel/lib/crc16.ko.zst",
      "\0\0AAextra/zfs.ko.zst: extra/spl.ko.zst",
      "\0\0A\u0000extra/spl.ko.zst:",
      "\0\0\0Bupdates/extra/nvidia-drm.ko:",
      "\0\0\0Bextra/removed.ko:",
      "\0\0\0Ckernel/drivers/extra/tiny.ko:",
    ];
    put(join(modules, "modules.dep.bin"), Buffer.from(`${texts.join("\0")}\0`, "latin1"));
    const { names, additions } = readModuleIndex(modules);
    assert.equal([...names], ["ext4", "tiny"]);
    assert.equal([...additions].toSorted(), [
      ["nvidia_drm", "updates/extra/nvidia-drm.ko"],
      ["spl", "extra/spl.ko.zst"],
      ["zfs", "extra/zfs.ko.zst"],
    ]);
  } finally {
    scratch.remove();
  }
});

test("an object that gave way to the kernel's own module is none of the pair's, while that is the same file", async () => {
  const scratch = makeScratch();
  try {
    const own = put(join(scratch.modules, "kernel/drivers/misc/a.ko"), elf({ version: "2" }));
    const pair = build(scratch, "m/1", { "a.ko": elf({ version: "1" }), "b.ko": elf({ version: "1" }) });
    const order = placing(scratch, pair, ["a", "b"]);
    await placeStamped(order);
    assert.equal(await objectsOf(scratch, order), ["placed updates/dkms/b.ko"]);
    appendFileSync(own, "x");
    assert.equal(await objectsOf(scratch, order), ["altered kernel/drivers/misc/a.ko", "placed updates/dkms/b.ko"]);
  } finally {
    scratch.remove();
  }
});

test("an object that gave way to another package's is that one, as it was built", async () => {
  const scratch = makeScratch();
  try {
    const first = placing(scratch, build(scratch, "m/1", { "a.ko": elf({ version: "1" }) }), ["a"]);
    await placeStamped(first);
    await placeStamped(placing(scratch, build(scratch, "other/1", { "a.ko": elf({ version: "2" }) }), ["a"]));
    assert.equal(await objectsOf(scratch, first), ["placed updates/dkms/a.ko"]);
    appendFileSync(join(scratch.modules, "updates/dkms/a.ko"), "x");
    assert.equal(await objectsOf(scratch, first), ["altered updates/dkms/a.ko"]);
  } finally {
    scratch.remove();
  }
});

test.run();
