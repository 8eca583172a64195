/** Links of strangers are followed on the machine that they were made for, and never on ours. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readText } from "../../../src/system/files/content.ts";
import { fileKind, listDirectory, realPath, targetKind } from "../../../src/system/files/files.ts";
import { makeDirectory, writeAtomically } from "../../../src/system/writing/file-changes.ts";
import { statLine } from "../../../src/system/files/stat-index.ts";
import { enterOtherMachine, leaveOtherMachine, placeOf } from "../../../src/system/files/other-machine.ts";

const scratch = mkdtempSync(join(tmpdir(), "dkms-alpm-other-"));
const place = join(scratch, "usr");
const tree = join(scratch, "tree");
const links: Readonly<Record<string, string>> = {
  inside: "/usr/src/a/text",
  relative: "../src/a/text",
  shadow: "/etc/shadow",
  passwd: "../../../../../../../../etc/passwd",
  through: "/usr/src/up/etc/passwd",
  up: "../../..",
  circle: "circle",
  directory: "a",
  proc: "/proc/self/environ",
  long: "x".repeat(3000),
};
mkdirSync(join(place, "src/a"), { recursive: true });
mkdirSync(tree);
writeFileSync(join(place, "src/a/text"), "brought");
for (const [name, text] of Object.entries(links)) symlinkSync(text, join(place, "src", name));

test.before(() =>
  enterOtherMachine({
    parts: [
      { at: "/usr", place, content: "fixed" },
      { at: "/var/lib/dkms", place: tree, content: "changing" },
    ],
    root: join(scratch, "root"),
    isForeign: (link) => link.startsWith("/usr/src/"),
    openToForeign: (path) => path.startsWith("/usr/"),
  }),
);
test.after(() => {
  leaveOtherMachine();
  assert.is(placeOf("/usr/bin"), "/usr/bin");
  rmSync(scratch, { recursive: true });
});

const rows: readonly (readonly [path: string, text: string | undefined])[] = [
  ["/usr/src/a/text", "brought"],
  ["/usr/src/a/../a//./text", "brought"],
  ["/usr/src/inside", "brought"],
  ["/usr/src/relative", "brought"],
  ["/usr/src/directory/text", "brought"],
  ["/usr/src/shadow", undefined],
  ["/usr/src/passwd", undefined],
  ["/usr/src/through", undefined],
  ["/usr/src/up/etc/passwd", undefined],
  ["/usr/src/up/usr/src/a/text", "brought"],
  ["/usr/src/circle", undefined],
  ["/usr/src/proc", undefined],
  ["/usr/src/long", undefined],
  ["/usr/bin/bash", undefined],
  ["/usr/src/a/text/more", undefined],
];
for (const [path, text] of rows) {
  test(path, () => {
    assert.is(readText(path), text);
    assert.is(targetKind(path), text === undefined ? "none" : "file");
    assert.is(statLine(path) === undefined, text === undefined);
    assert.is(realPath(path), text === undefined ? undefined : "/usr/src/a/text");
  });
}

test("what is not of the other machine is ours", () => {
  assert.ok(readText("/etc/passwd")?.includes("root"));
  assert.is(fileKind("/proc/self/exe"), "link");
});

test("changes go where they belong", () => {
  makeDirectory("/var/lib/dkms/a/1");
  writeAtomically("/var/lib/dkms/a/1/file", "text");
  assert.is(readText("/var/lib/dkms/a/1/file"), "text");
  assert.equal(listDirectory(join(tree, "a/1")), ["file"]);
});

test("a file that is too large for any source is not read", () => {
  writeFileSync(join(place, "src/large"), "");
  assert.is(readText("/usr/src/large"), "");
});

test.run();
