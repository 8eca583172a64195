import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { stampPlaced, writeStamp } from "../../../src/act/stamps/write-stamp.ts";
import type { LoadPolicy } from "../../../src/model/health/health.ts";
import { findPair } from "../../../src/model/machine/lookup.ts";
import { readHealth } from "../../../src/observe/health/health.ts";
import { builtObjects } from "../../../src/observe/objects/object-files.ts";
import { describePlaced } from "../../../src/observe/objects/placed-objects.ts";
import { readRunningKernelLines } from "../../../src/observe/packaging/running-kernel-lines.ts";
import { activate, build, elf, makeScratch, pairOf, put, type Scratch } from "../../act/install/scratch.ts";
import { observeContext } from "../context.ts";

const open: LoadPolicy = { lockdown: "none", secureBoot: "off", enforced: false };
const pairText = "m/1/6.1.0-test/x86_64";

/** A machine where `m/1` is installed, with headers that name the compiler. */
function machine(): Scratch {
  const scratch = makeScratch();
  activate(scratch, build(scratch, "m/1", { "a.ko": elf({ version: "1" }) }));
  const conf = "PACKAGE_NAME=m\nPACKAGE_VERSION=1\nBUILT_MODULE_NAME=a\nDEST_MODULE_LOCATION=/updates\nMAKE=make\n";
  put(join(scratch.layout.sourceTree, "m-1/dkms.conf"), conf);
  put(join(scratch.modules, "updates/dkms/a.ko"), elf({ version: "1" }));
  mkdirSync(join(scratch.modules, "build/include"), { recursive: true });
  put(join(scratch.modules, "build/.config"), 'CONFIG_CC_VERSION_TEXT="gcc (GCC) 1.0.0"\nCONFIG_CC_IS_GCC=y\n');
  return scratch;
}

test("faults, compilers and programs of a machine", async () => {
  const scratch = machine();
  try {
    const healthy = await readHealth(observeContext(scratch.layout), open);
    assert.is(healthy.faults.size, 0);
    assert.is(healthy.unsigned.size, 0);
    assert.match(healthy.compilers.get("gcc") ?? "", /^gcc .*\d+\.\d+/);
    assert.is(healthy.programs.has("make") && healthy.programs.has("gcc"), true);
    assert.equal([...healthy.suffixes], [["6.1.0-test", ""]]);
    rmSync(join(scratch.modules, "updates/dkms/a.ko"));
    const { faults } = await readHealth(observeContext(scratch.layout), open);
    assert.equal(faults.get(pairText), { kind: "differs", name: "a" });
  } finally {
    scratch.remove();
  }
});

test("of objects that a stamp remembers, a change of either file is a fault", async () => {
  for (const change of ["kernel", "result"] as const) {
    const scratch = machine();
    try {
      const { layout, modules } = scratch;
      const pair = pairOf("m/1");
      const [installed, built] = [join(modules, "updates/dkms/a.ko"), join(builtObjects(layout, pair), "a.ko")];
      writeStamp(layout, pair, { beyond: [], index: "", content: () => "" }, undefined);
      stampPlaced(layout, pair, describePlaced(layout, pair, [installed]));
      assert.is((await readHealth(observeContext(layout), open)).faults.size, 0);
      put(change === "kernel" ? installed : built, elf({ version: "2" }));
      const { faults } = await readHealth(observeContext(layout), open);
      assert.equal(faults.get(pairText), { kind: "differs", name: "a" }, change);
    } finally {
      scratch.remove();
    }
  }
});

test("an object that gave way to the kernel's own module is no fault while that is the same file", async () => {
  const scratch = machine();
  try {
    const { layout, modules } = scratch;
    const pair = pairOf("m/1");
    const more = "BUILT_MODULE_NAME[1]=b\nDEST_MODULE_LOCATION[1]=/kernel/own\n";
    appendFileSync(join(layout.sourceTree, "m-1/dkms.conf"), more);
    put(join(builtObjects(layout, pair), "b.ko"), elf({ version: "1" }));
    const own = put(join(modules, "kernel/own/b.ko"), elf({ version: "2" }));
    writeStamp(layout, pair, { beyond: [], index: "", content: () => "" }, undefined);
    const placed = describePlaced(layout, pair, [join(modules, "updates/dkms/a.ko")]);
    stampPlaced(layout, pair, placed, [{ name: "b", why: "", rival: own }]);
    const kept = await readHealth(observeContext(layout), open);
    assert.equal([...kept.faults], []);
    assert.is(findPair(kept.world, pair)?.damage, undefined);
    appendFileSync(own, "x");
    const renewed = await readHealth(observeContext(layout), open);
    assert.equal(renewed.faults.get(pairText), { kind: "differs", name: "b" });
    // So that the next run decides again.
    assert.equal(findPair(renewed.world, pair)?.damage, { part: "kernel", kind: "renewed", path: own });
  } finally {
    scratch.remove();
  }
});

test("signatures are looked for only where the kernel asks for them", async () => {
  const scratch = machine();
  try {
    const file = join(scratch.modules, "updates/dkms/a.ko");
    const locked = { ...open, lockdown: "integrity" };
    assert.equal((await readHealth(observeContext(scratch.layout), locked)).unsigned.get(pairText), [file]);
    sign(file, scratch.root);
    assert.is((await readHealth(observeContext(scratch.layout), locked)).unsigned.size, 0);
  } finally {
    scratch.remove();
  }
});

/** Appends a signature as the kernel's sign-file does: PKCS#7, its length, a magic text; see module_signature.h. */
function sign(file: string, directory: string): void {
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const options = ["-nodes", "-newkey", "rsa:2048", "-subj", "/CN=test", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-new", "-x509", ...options], { stdio: "ignore" });
  const how = ["-binary", "-outform", "DER", "-noattr", "-nocerts", "-md", "sha256"];
  const signature = execFileSync("openssl", [
    "cms",
    "-sign",
    ...how,
    "-signer",
    certificate,
    "-inkey",
    key,
    "-in",
    file,
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(signature.length);
  appendFileSync(file, Buffer.concat([signature, Buffer.from([0, 0, 2, 0, 0, 0, 0, 0]), length]));
  appendFileSync(file, "~Module signature appended~\n");
}

test("lines of makefiles that ask for the running kernel", () => {
  const scratch = makeScratch();
  try {
    put(join(scratch.root, "Makefile"), "# uname -r\nKVER ?= $(shell uname -r) # here\nall:\n\tmake\n");
    put(join(scratch.root, "Kbuild"), "obj-m := a.o\n");
    put(join(scratch.root, "deeper/Makefile"), "K := $(shell uname -r)\n");
    assert.equal(readRunningKernelLines(scratch.root), [
      { path: join(scratch.root, "Makefile"), line: 2, text: "KVER ?= $(shell uname -r) # here", users: undefined },
    ]);
  } finally {
    scratch.remove();
  }
});

test.run();
