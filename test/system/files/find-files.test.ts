/** Files are found by patterns, and no link leads anywhere. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { findFiles } from "../../../src/system/files/find-files.ts";
import { enterOtherMachine, leaveOtherMachine } from "../../../src/system/files/other-machine.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-find-files-"));
for (const path of ["b/Makefile", "a.c", "a/main.c", ".hidden/x.c", "[odd] {name}/x.c", "ä/x.c"]) {
  fs.mkdirSync(dirname(join(root, path)), { recursive: true });
  fs.writeFileSync(join(root, path), "");
}
fs.mkdirSync(join(root, "directory.c"));
fs.symlinkSync("a.c", join(root, "link.c"));
fs.symlinkSync("a", join(root, "circle"));
fs.symlinkSync("..", join(root, "a/up"));

async function paths(directory: string, ...patterns: readonly string[]): Promise<readonly string[]> {
  return (await findFiles(directory, ...patterns)).map(({ path }) => path);
}

test("files and links in the order of their bytes, whatever their names, and nothing behind a link", async () => {
  const all = [".hidden/x.c", "[odd] {name}/x.c", "a.c", "a/main.c", "link.c", "ä/x.c"];
  assert.equal(await paths(root, "**/*.c"), all);
  assert.equal(await paths(root, "*/main.c", "**/Makefile"), ["a/main.c", "b/Makefile"]);
  assert.equal(await findFiles(root, "{link,a}.c"), [
    { path: "a.c", kind: "file" },
    { path: "link.c", kind: "link" },
  ]);
  assert.equal(await paths(root, "**"), ["a/up", "b/Makefile", "circle", ...all].toSorted());
});

test("a directory that is missing, or is a file, has none", async () => {
  assert.equal(await paths(join(root, "none"), "**"), []);
  assert.equal(await paths(join(root, "a.c"), "**"), []);
});

test("a directory that cannot be listed is an error", async () => {
  const error = await findFiles(join(root, "x".repeat(300)), "**").catch((thrown: unknown) => thrown);
  assert.ok(error instanceof DkmsError);
  assert.is(error.code, "file-failed");
});

test("on another machine its files are found", async () => {
  enterOtherMachine({
    parts: [{ at: "/usr/src", place: root, content: "fixed" }],
    root: "/nowhere",
    isForeign: () => false,
    openToForeign: () => false,
  });
  try {
    assert.equal(await paths("/usr/src/a", "*.c"), ["main.c"]);
  } finally {
    leaveOtherMachine();
  }
});

test.after(() => fs.rmSync(root, { recursive: true }));
test.run();
