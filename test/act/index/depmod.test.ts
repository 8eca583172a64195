import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { refreshIndex } from "../../../src/act/index/depmod.ts";
import { tidyKernel } from "../../../src/act/index/tidy.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { elf, kernel, makeScratch, put, snapshot, type Scratch } from "../install/scratch.ts";

async function withScratch(action: (scratch: Scratch) => Promise<void>): Promise<void> {
  const scratch = makeScratch();
  try {
    await action(scratch);
  } finally {
    scratch.remove();
  }
}

const index = ({ modules }: Scratch): string => readFileSync(join(modules, "modules.dep"), "utf8");
const object = elf({ alias: "pci:v00001234*" });

test("the index of a kernel lists what was installed, and forgets what was removed", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, "updates/dkms/m.ko"), object);
    assert.is(await refreshIndex(scratch.layout, kernel), "done");
    assert.match(index(scratch), /^updates\/dkms\/m\.ko:/m);
    assert.match(readFileSync(join(scratch.modules, "modules.alias"), "utf8"), "pci:v00001234*");
    rmSync(join(scratch.modules, "updates"), { recursive: true });
    await refreshIndex(scratch.layout, kernel);
    assert.not.match(index(scratch), "updates");
  }));

test("an install tree that is reached by a link is indexed as well", () =>
  withScratch(async (scratch) => {
    symlinkSync(scratch.layout.installTree, join(scratch.root, "tree"));
    const layout = { ...scratch.layout, installTree: join(scratch.root, "tree") };
    assert.is(await refreshIndex(layout, kernel), "done");
    assert.match(index(scratch), "ext4");
  }));

test("headers without a kernel need no index, and get none", () =>
  withScratch(async (scratch) => {
    rmSync(join(scratch.modules, "kernel"), { recursive: true });
    put(join(scratch.modules, "build/Makefile"), "");
    const before = snapshot(scratch.root);
    assert.is(await refreshIndex(scratch.layout, kernel), "skipped");
    rmSync(scratch.modules, { recursive: true });
    assert.is(await refreshIndex(scratch.layout, kernel), "skipped");
    assert.not.equal(snapshot(scratch.root), before);
    assert.not.ok(existsSync(scratch.modules));
  }));

test("a removed kernel keeps its index as long as a module of ours is there", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, "updates/dkms/m.ko"), object);
    await refreshIndex(scratch.layout, kernel);
    rmSync(join(scratch.modules, "kernel"), { recursive: true });
    assert.is(await refreshIndex(scratch.layout, kernel), "done");
    assert.match(index(scratch), "updates/dkms/m.ko");
    assert.is(tidyKernel(scratch.layout, kernel), "kept");
    assert.ok(statSync(join(scratch.modules, "modules.dep")).size > 0);
    rmSync(join(scratch.modules, "updates"), { recursive: true });
    assert.is(await refreshIndex(scratch.layout, kernel), "tidied");
    assert.not.ok(existsSync(scratch.modules));
  }));

test("a depmod that fails is an error with its words", () =>
  withScratch(async (scratch) => {
    // depmod writes beside the index and renames: a directory in its way cannot be replaced.
    put(join(scratch.modules, "modules.dep/file"), "");
    try {
      await refreshIndex(scratch.layout, kernel);
      assert.unreachable("no error");
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      assert.is(error.code, "depmod-failed");
      assert.match(error.facts.excerpt?.join("\n") ?? "", "modules.dep");
      assert.match(error.facts.hint ?? "", `depmod ${kernel.release}`);
    }
  }));

test("tidying removes depmod's files and empty directories, and nothing else", () =>
  withScratch(async (scratch) => {
    await refreshIndex(scratch.layout, kernel);
    renameSync(join(scratch.modules, "kernel"), join(scratch.root, "kernel"));
    mkdirSync(join(scratch.modules, "updates/dkms"), { recursive: true });
    put(join(scratch.modules, "vmlinuz"), "");
    mkdirSync(join(scratch.modules, "build/include/config"), { recursive: true });
    assert.is(tidyKernel(scratch.layout, kernel), "kept");
    assert.equal(Object.keys(snapshot(scratch.modules)), [
      "",
      "build",
      "build/include",
      "build/include/config",
      "vmlinuz",
    ]);
    rmSync(join(scratch.modules, "vmlinuz"));
    rmSync(join(scratch.modules, "build"), { recursive: true });
    assert.is(tidyKernel(scratch.layout, kernel), "removed");
    assert.is(tidyKernel(scratch.layout, kernel), "removed");
  }));

test("a kernel that is there is left alone", () =>
  withScratch(async (scratch) => {
    await refreshIndex(scratch.layout, kernel);
    mkdirSync(join(scratch.modules, "updates/dkms"), { recursive: true });
    const before = snapshot(scratch.root);
    assert.is(tidyKernel(scratch.layout, kernel), "kept");
    assert.equal(snapshot(scratch.root), before);
  }));

test.run();
