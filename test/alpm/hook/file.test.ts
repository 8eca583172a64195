import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addTargets, removeTargets } from "../../../src/alpm/hook/edit.ts";
import { longestLine, parseHookFile, printHookFile } from "../../../src/alpm/hook/file.ts";
import { readHook } from "../../../src/alpm/hook/reading.ts";

const rows: readonly (readonly [line: string, meaning: unknown])[] = [
  ["", { kind: "nothing" }],
  [" \t", { kind: "nothing" }],
  ["  # Exec = x", { kind: "nothing" }],
  [" [Action]\r", { kind: "section", name: "Action" }],
  ["[ Action ]", { kind: "section", name: " Action " }],
  ["[]", { kind: "section", name: "" }],
  ["[", { kind: "entry", section: undefined, key: "[", value: undefined }],
  ["NeedsTargets", { kind: "entry", section: undefined, key: "NeedsTargets", value: undefined }],
  [" a = b = c ", { kind: "entry", section: undefined, key: "a", value: "b = c" }],
  ["a=", { kind: "entry", section: undefined, key: "a", value: "" }],
  ["a=b\0c", { kind: "entry", section: undefined, key: "a", value: "b" }],
];

for (const [line, meaning] of rows) {
  test(`the line ${JSON.stringify(line)}`, () => assert.equal(parseHookFile(`${line}\n`).lines[0]?.meaning, meaning));
}

test("a line too long for pacman becomes several, each short enough", () => {
  for (const extra of [-2, -1, 0, 1, 2, 4095, 9000]) {
    for (const end of ["", "\n", "\r\n"]) {
      for (const letter of ["x", "é"]) {
        const text = `${letter.repeat((longestLine + extra) / letter.length)}${end}[Trigger]`;
        const file = parseHookFile(text);
        assert.is(printHookFile(file), text);
        for (const line of file.lines) assert.ok(Buffer.byteLength(line.text + line.end) <= longestLine);
      }
    }
  }
});

test("any text comes back byte by byte", () => {
  const line = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("[Trigger]", "Target = x", "x".repeat(5000)));
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "", "\r", "\n\n")))
    .map((all) => all.flat().join(""));
  fc.assert(fc.property(text, (whole) => assert.is(printHookFile(parseHookFile(whole)), whole)));
});

const edited = `# mine
[Trigger]
Operation=Upgrade
Type=Package
Target=linux
  # the module
  Target=zfs-dkms # no
  Target\t=\tzfs-dkms

[Trigger]
Type = Path
Operation = Upgrade
Target = usr/src/*/dkms.conf
[Action]
Exec = /bin/true
When = PostTransaction`;

test("targets are added behind the last one of their trigger, in its spelling", () => {
  const file = addTargets(addTargets(parseHookFile(edited), 0, ["a-dkms", "b-dkms"]), 1, ["usr/src/a/dkms.conf"]);
  const expected = edited
    .replace("Target\t=\tzfs-dkms", "Target\t=\tzfs-dkms\n  Target\t=\ta-dkms\n  Target\t=\tb-dkms")
    .replace("/*/dkms.conf", "/*/dkms.conf\nTarget = usr/src/a/dkms.conf");
  assert.is(printHookFile(file), expected);
});

test("targets are added to a file with carriage returns and no last line feed", () => {
  const text = "[Action]\r\nExec = /bin/true\r\nWhen = PostTransaction\r\n[Trigger]\r\nTarget = a";
  assert.is(printHookFile(addTargets(parseHookFile(text), 0, ["b"])), `${text}\r\nTarget = b`);
});

test("targets are taken out of their trigger only", () => {
  const file = removeTargets(parseHookFile(edited), 0, new Set(["zfs-dkms", "usr/src/*/dkms.conf"]));
  assert.is(printHookFile(file), edited.replace("  Target\t=\tzfs-dkms\n", ""));
});

test("adding and taking out again leaves the file as it was", () => {
  const name = fc.stringMatching(/^[a-z0-9+._@-]{1,12}$/).filter((text) => text !== "linux" && text !== "zfs-dkms");
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
      const added = addTargets(parseHookFile(edited), 0, names);
      const reading = readHook(added);
      assert.equal(reading.kind === "hook" && reading.hook.triggers[0]?.targets.slice(-names.length), names);
      assert.is(printHookFile(removeTargets(added, 0, new Set(names))), edited);
    }),
  );
});

test.run();
