import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseTargets, type Targets } from "../../src/alpm/targets.ts";

/** What a set of targets names, as lists. */
function named(text: string): Record<string, string[]> {
  const { releases, sourceDirectories, notes, packages, parts } = parseTargets(text);
  const lists: [string, string[]][] = [
    ["releases", [...releases]],
    ["sourceDirectories", [...sourceDirectories]],
    ["notes", [...notes]],
    ["packages", [...packages]],
    ...Object.entries(parts).map(([part, set]): [string, string[]] => [part, [...set]]),
  ];
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}

const nothing: Record<string, string[]> = {};
const long = "x".repeat(1_000_000);

const rows: readonly (readonly [lines: string, expected: Record<string, string[]>])[] = [
  ["usr/lib/modules/6.6.1-arch1-1/vmlinuz\n", { releases: ["6.6.1-arch1-1"], vmlinuz: ["6.6.1-arch1-1"] }],
  ["usr/lib/modules/6.6.1/pkgbase", { releases: ["6.6.1"], pkgbase: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/modules.order", { releases: ["6.6.1"], "modules.order": ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/build/include/", { releases: ["6.6.1"], build: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/build/", { releases: ["6.6.1"], build: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/build", { releases: ["6.6.1"], build: ["6.6.1"] }],
  [
    "usr/lib/modules/6.6.1/updates/dkms-pkg/zfs.json",
    { releases: ["6.6.1"], other: ["6.6.1"], notes: ["usr/lib/modules/6.6.1/updates/dkms-pkg/zfs.json"] },
  ],
  ["usr/lib/modules/6.6.1/updates/dkms-pkg/zfs.ko", { releases: ["6.6.1"], other: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/", { releases: ["6.6.1"], directory: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/kernel/vmlinuz", { releases: ["6.6.1"], other: ["6.6.1"] }],
  ["usr/lib/modules/6.6.1/vmlinuz/", { releases: ["6.6.1"], other: ["6.6.1"] }],
  [
    "usr/lib/modules/a/vmlinuz\nusr/lib/modules/b/vmlinuz\nusr/lib/modules/a/build/include/\n",
    { releases: ["a", "b"], vmlinuz: ["a", "b"], build: ["a"] },
  ],
  ["usr/lib/modules/6.6.1", nothing],
  ["usr/lib/modules//vmlinuz", nothing],
  ["usr/lib/modules/../vmlinuz", nothing],
  ["usr/lib/modules/6.6.1/../../../../etc/passwd", nothing],
  ["/usr/lib/modules/6.6.1/vmlinuz", nothing],
  ["./usr/lib/modules/6.6.1/vmlinuz", nothing],
  ["lib/modules/6.6.1/vmlinuz", nothing],
  ["usr/src/zfs-2.2.2/dkms.conf", { sourceDirectories: ["zfs-2.2.2"] }],
  ["usr/src/a b;$(id)/dkms.conf", { sourceDirectories: ["a b;$(id)"] }],
  ["usr/src/zfs-2.2.2/dkms.conf/", nothing],
  ["usr/src/zfs-2.2.2/sub/dkms.conf", nothing],
  ["usr/src/dkms.conf", nothing],
  ["usr/src/../dkms.conf", nothing],
  ["usr/src/./dkms.conf", nothing],
  ["usr/src/zfs-2.2.2/dkms.conf\r", nothing],
  ["usr/src/zfs\u0000-2/dkms.conf", nothing],
  ["usr/src/zfs\u001b[31m/dkms.conf", nothing],
  ["usr/src/zfs\ufffd/dkms.conf", nothing],
  [`usr/src/${"x".repeat(255)}/dkms.conf`, { sourceDirectories: ["x".repeat(255)] }],
  [`usr/src/${"x".repeat(256)}/dkms.conf`, nothing],
  [`usr/src/${"é".repeat(128)}/dkms.conf`, nothing],
  [`${long}\nlinux\n`, { packages: ["linux"] }],
  [`usr/src/${long}/dkms.conf`, nothing],
  ["linux\nlinux-headers\nlinux\n", { packages: ["linux", "linux-headers"] }],
  ["..", nothing],
  ["linux\r", nothing],
  ["", nothing],
  ["\n\n", nothing],
];

for (const [lines, expected] of rows) {
  test(`targets ${JSON.stringify(lines).slice(0, 70)}`, () => assert.equal(named(lines), expected));
}

test("whatever the lines, every name that comes out can be one directory", () => {
  const name = fc.oneof(fc.constantFrom("usr", "lib", "src", "modules", "dkms.conf", "..", ".", ""), fc.string());
  const text = fc.array(fc.array(name, { maxLength: 6 })).map((lines) => lines.map((l) => l.join("/")).join("\n"));
  fc.assert(
    fc.property(text, (lines) => {
      const { releases, sourceDirectories, packages }: Targets = parseTargets(lines);
      for (const found of [...releases, ...sourceDirectories, ...packages]) {
        assert.not.match(found, /^\.{0,2}$|[/\u0000-\u001f]/);
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
