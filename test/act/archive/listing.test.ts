/** Every name comes out of tar's listing as it went into the archive. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listingOptions, parseListingLine } from "../../../src/act/archive/listing.ts";
import type { ArchiveEntry } from "../../../src/model/archive/archive-entry.ts";
import { rawTar, type RawEntry } from "./raw-tar.ts";

function listed(entries: readonly RawEntry[]): readonly (ArchiveEntry | undefined)[] {
  const { stdout } = spawnSync("tar", [...listingOptions, "--file=-"], {
    input: rawTar(entries),
    encoding: "latin1",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  });
  return stdout.split("\n").slice(0, -1).map(parseListingLine);
}

const rows: readonly (readonly [entry: RawEntry, expected: Partial<ArchiveEntry>])[] = [
  [
    { path: "plain", content: "four" },
    { kind: "file", path: "plain", size: 4 },
  ],
  [
    { path: 'a "b" -> "c"', content: "" },
    { kind: "file", path: 'a "b" -> "c"', target: "" },
  ],
  [
    { path: '" link to "x', type: "2", target: '" -> "y' },
    { kind: "link", path: '" link to "x', target: '" -> "y' },
  ],
  [
    { path: "back\\slash\\n", type: "5" },
    { kind: "directory", path: "back\\slash\\n" },
  ],
  [
    { path: "h", type: "1", target: "./plain" },
    { kind: "hard-link", target: "./plain" },
  ],
  [{ path: "/etc/passwd" }, { kind: "file", path: "/etc/passwd" }],
  [
    { path: "zeros", type: "3" },
    { kind: "special", path: "zeros" },
  ],
  [
    { path: "suid", mode: 0o6755 },
    { kind: "file", path: "suid" },
  ],
];

test("rows", () => {
  const found = listed(rows.map(([entry]) => entry));
  assert.is(found.length, rows.length);
  for (const [index, [, expected]] of rows.entries()) assert.equal({ ...found[index], ...expected }, found[index]);
});

test("any name and any target", () => {
  const name = fc
    .string({
      unit: fc.oneof(fc.constantFrom(..."\n\t\u0007\\\"' ->/"), fc.string({ unit: "binary", maxLength: 1 })),
      minLength: 1,
    })
    .filter(
      (text) =>
        !text.includes("\0") &&
        Buffer.byteLength(text) < 100 &&
        !text.endsWith("/") &&
        Buffer.from(text).toString() === text,
    );
  fc.assert(
    fc.property(fc.array(fc.record({ path: name, target: name }), { minLength: 1, maxLength: 50 }), (links) => {
      const found = listed(links.map((link) => ({ ...link, type: "2" })));
      assert.equal(
        found.map((entry) => [entry?.kind, entry?.path, entry?.target]),
        links.map(({ path, target }) => ["link", path, target]),
      );
    }),
    { numRuns: 40 },
  );
});

for (const line of ["", "tar: oops", "drwxr-xr-x", '-rw-r--r-- 0/0 many 2026-01-01 00:00:00 "x"'])
  test(`no entry: ${line}`, () => assert.is(parseListingLine(line), undefined));

test.run();
