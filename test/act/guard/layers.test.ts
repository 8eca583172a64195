/** Where incoming files lie when directories of the machine are links. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { layersOf } from "../../../src/act/guard/layers.ts";

/** Extracted files, links of the machine, and what the layers are; `M` stands for the machine's directory. */
type Row = readonly [what: string, files: readonly string[], links: Readonly<Record<string, string>>, layers: object];
const rows: readonly Row[] = [
  ["nothing is a link", ["usr/src/a/dkms.conf"], {}, { "M/usr": ["usr"] }],
  [
    "the source tree is a link",
    ["usr/src/a/dkms.conf", "usr/lib/x"],
    { "usr/src": "data/src" },
    { "M/data/src": ["layers/1"], "M/usr": ["usr"] },
  ],
  [
    "a link into what is laid over as well",
    ["lib/modules/1/x", "usr/lib/modules/1/y"],
    { lib: "usr/lib" },
    { "M/usr": ["usr"], "M/usr/lib": ["layers/1", "usr/lib"] },
  ],
  ["settings", ["etc/dkms/a.conf"], {}, { "M/etc": ["etc"] }],
  ["what no build sees", ["var/lib/x", "home/a/b", "boot/c"], {}, {}],
  ["a new top directory", ["news/a"], {}, {}],
];

for (const [what, files, links, layers] of rows) {
  test(what, () => {
    const scratch = mkdtempSync(join(tmpdir(), "dkms-alpm-layers-"));
    try {
      const machine = join(scratch, "machine");
      for (const path of ["usr/lib/modules", "etc/dkms", "data/src", "var/lib", "home"])
        mkdirSync(join(machine, path), { recursive: true });
      if (links["usr/src"] === undefined) mkdirSync(join(machine, "usr/src"));
      for (const [path, to] of Object.entries(links)) symlinkSync(join(machine, to), join(machine, path));
      const work = { extracted: join(scratch, "work"), incoming: join(scratch, "work/incoming") };
      for (const file of files) {
        mkdirSync(join(work.incoming, file, ".."), { recursive: true });
        writeFileSync(join(work.incoming, file), "x");
      }
      const found = layersOf(work, machine).map(({ at, directories }) => [
        at.replace(machine, "M"),
        directories.map((directory) => directory.replace(`${work.incoming}/`, "").replace(`${work.extracted}/`, "")),
      ]);
      assert.equal(Object.fromEntries(found), layers);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
}

test.run();
