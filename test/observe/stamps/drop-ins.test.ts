/** What somebody puts beside a compiler, a linker or the loader makes the toolchain another one. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dropIns } from "../../../src/observe/stamps/drop-ins.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-drop-ins-"));
const compilerProper = join(root, "lib/gcc/x86_64-pc-linux-gnu/14.2.1/cc1");
const belowLibexec = join(root, "libexec/gcc/x86_64-linux-gnu/16/cc1");
const places = ["bfd-plugins", "clang", "ld.so.preload", "local/bin"].map((name) => join(root, name));

function put(path: string, text: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
}

for (const path of [compilerProper, belowLibexec]) put(path, "cc1");
put(join(root, "local/bin/tool"), "#!/bin/sh\n");

for (const path of [
  "lib/gcc/x86_64-pc-linux-gnu/14.2.1/specs",
  "lib/gcc/x86_64-pc-linux-gnu/specs",
  "lib/gcc/x86_64-pc-linux-gnu/14.2.1/plugin/evil.so",
  "lib/gcc/x86_64-pc-linux-gnu/14.2.1/include/stddef.h",
  "lib/gcc/x86_64-linux-gnu/16/specs",
  "libexec/gcc/x86_64-linux-gnu/16/liblto_plugin.so",
  "bfd-plugins/evil.so",
  "clang/clang.cfg",
  "ld.so.preload",
  "local/bin/sed",
]) {
  test(`${path} is noticed, and so is that it has changed or is removed`, () => {
    const cc1 = path.includes("x86_64-linux-gnu") ? belowLibexec : compilerProper;
    const before = dropIns(cc1, places);
    put(join(root, path), "x");
    const added = dropIns(cc1, places);
    assert.is.not(added.join("\n"), before.join("\n"));
    put(join(root, path), "xx");
    assert.is.not(dropIns(cc1, places).join("\n"), added.join("\n"));
    fs.rmSync(join(root, path));
    assert.equal(dropIns(cc1, places), before);
  });
}

test("a compiler that names no cc1 has none of its own", () => assert.equal(dropIns("cc1", []), []));

test.after(() => fs.rmSync(root, { recursive: true }));

test.run();
