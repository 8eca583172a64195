import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placePair } from "../../../src/act/install/place.ts";
import { withdrawPair } from "../../../src/act/install/withdraw.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { originalDirectory } from "../../../src/model/machine/layout.ts";
import type { Pair } from "../../../src/model/pair.ts";
import { findDamage } from "../../../src/observe/objects/damage.ts";
import { describePlaced } from "../../../src/observe/objects/placed-objects.ts";
import { readActive, readPair } from "../../../src/observe/tree/tree.ts";
import { build, elf, kernel, makeScratch, packed, placing, put, withdrawing, type Scratch } from "./scratch.ts";

const versions = ["1.0", "2.0", "3.0"].map((version) => elf({ version }));
const [v1 = Buffer.of(), v2 = Buffer.of(), v3 = Buffer.of()] = versions;
const ours = "updates/dkms/m.ko";

interface Scene {
  readonly scratch: Scratch;
  install(module: string, bytes: Uint8Array, file?: string): Promise<Pair>;
  uninstall(pair: Pair): Promise<unknown>;
  /** What stands in the kernel's directory; undefined for nothing. */
  standing(): Buffer | undefined;
}

async function withScene(action: (scene: Scene) => Promise<void>): Promise<void> {
  const scratch = makeScratch();
  try {
    await action({
      scratch,
      install: async (module, bytes, file = "m.ko") => {
        const pair = build(scratch, module, { [file]: bytes });
        await placePair(placing(scratch, pair, ["m"]));
        return pair;
      },
      uninstall: (pair) => withdrawPair(withdrawing(scratch, pair, ["m"])),
      standing: () => {
        const path = join(scratch.modules, ours);
        return existsSync(path) ? readFileSync(path) : undefined;
      },
    });
  } finally {
    scratch.remove();
  }
}

test("a newer object of another package takes the place, and uninstalling it brings the first one back", () =>
  withScene(async ({ scratch, install, uninstall, standing }) => {
    await install("first/1", v1);
    const second = await install("second/1", v2);
    assert.ok(standing()?.equals(v2));
    assert.match(scratch.messages.join("\n"), "takes the place of that of first/1, which is kept as its original");
    await uninstall(second);
    assert.ok(standing()?.equals(v1));
    assert.not.ok(existsSync(originalDirectory(scratch.layout, second.module.name, kernel)));
  }));

test("an older object, or the same one, is refused and says whose the place is", () =>
  withScene(async ({ install, standing }) => {
    const marked = elf({ version: "2.0", srcversion: "A" });
    await install("first/1", marked);
    for (const bytes of [v1, elf({ version: "2.0", srcversion: "A", author: "another" })]) {
      const error: unknown = await install("second/1", bytes).catch((caught: unknown) => caught);
      assert.instance(error, DkmsError);
      assert.match(String(error), "its place belongs to first/1");
    }
    assert.ok(standing()?.equals(marked));
  }));

test("what has left the kernel does not come back with the uninstallation of what took its place", () =>
  withScene(async ({ scratch, install, uninstall, standing }) => {
    const first = await install("first/1", v1);
    const second = await install("second/1", v2);
    await uninstall(first);
    assert.ok(standing()?.equals(v2));
    await uninstall(second);
    assert.is(standing(), undefined);
    assert.not.ok(existsSync(originalDirectory(scratch.layout, second.module.name, kernel)));
  }));

for (const file of ["m.ko", "m.ko.zst"]) {
  test(`a new version whose place is held waits behind what holds it, as ${file}`, () =>
    withScene(async ({ scratch, install, uninstall }) => {
      if (file !== "m.ko") put(join(scratch.modules, "kernel/fs/other.ko.zst"), "");
      await install("first/1", v1);
      const second = await install("second/1", v3);
      const bytes = file === "m.ko" ? v2 : packed("zstd", v2);
      const first = await install("first/2", bytes, file);
      assert.equal(readActive(scratch.layout, first.module.name, kernel)?.module, first.module);
      assert.match(scratch.warnings.join("\n"), "its place belongs to second/1");
      await uninstall(second);
      assert.ok(readFileSync(join(scratch.modules, "updates/dkms", file)).equals(bytes));
      await uninstall(first);
      assert.not.ok(existsSync(join(scratch.modules, "updates/dkms")));
    }));
}

test("a new version that is newer takes its place back, and no old version comes after it", () =>
  withScene(async ({ install, uninstall, standing }) => {
    await install("first/1", v1);
    const second = await install("second/1", v2);
    const first = await install("first/2", v3);
    assert.ok(standing()?.equals(v3));
    await uninstall(first);
    assert.ok(standing()?.equals(v2));
    await uninstall(second);
    assert.is(standing(), undefined);
  }));

test("the kernel's own module comes back last", () =>
  withScene(async ({ scratch, install, uninstall, standing }) => {
    const inTree = join(scratch.modules, "kernel/drivers/m.ko");
    put(inTree, elf({ version: "0.1" }));
    const first = await install("first/1", v1);
    const second = await install("second/1", v2);
    assert.not.ok(existsSync(inTree));
    await uninstall(second);
    assert.ok(standing()?.equals(v1));
    await uninstall(first);
    assert.is(standing(), undefined);
    assert.ok(existsSync(inTree));
  }));

test("an object whose place a newer one has taken is not damaged; one that is deleted is", () =>
  withScene(async ({ scratch, install }) => {
    const first = await install("first/1", v1);
    const placed = describePlaced(scratch.layout, first, [join(scratch.modules, ours)]);
    await install("second/1", v2);
    const scheme = { distribution: "arch", addonDirectory: undefined };
    const damage = (known: typeof placed | undefined) => {
      const state = readPair(scratch.layout, first);
      return state === undefined ? "removed" : findDamage({ layout: scratch.layout, scheme }, state, known)?.kind;
    };
    assert.equal([damage(placed), damage(undefined)], [undefined, undefined]);
    rmSync(join(scratch.modules, "updates/dkms"), { recursive: true });
    mkdirSync(join(scratch.modules, "updates/dkms"));
    assert.equal([damage(placed), damage(undefined)], ["missing", "missing"]);
  }));

test.run();
