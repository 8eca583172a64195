/** Archives that are made to do harm: each is refused as a whole, and nothing of it stays anywhere. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadTarball } from "../../../src/act/archive/load-tarball.ts";
import { defaultLimits, type ArchiveLimits } from "../../../src/model/archive/archive-entry.ts";
import { DkmsError, type ErrorCode } from "../../../src/model/errors.ts";
import { rawTar, type RawEntry } from "./raw-tar.ts";
import { helloConf, makeScratch, snapshot } from "./scratch.ts";
import { processorMilliseconds } from "../../processor-time.ts";

const conf: RawEntry = { path: "dkms_source_tree/dkms.conf", content: helloConf };
const object: RawEntry = { path: "dkms_main_tree/6.1.0/x86_64/module/hello.ko", content: "object" };
const directory = (path: string): RawEntry => ({ path, type: "5", mode: 0o755 });
const link = (path: string, target: string): RawEntry => ({ path, type: "2", target });
const hard = (path: string, target: string): RawEntry => ({ path, type: "1", target });
const good = [conf, object];
const confOf = (name: string, version: string): RawEntry => ({
  path: "dkms_source_tree/dkms.conf",
  content: helloConf.replace('"hello"', `"${name}"`).replace('"1.0"', `"${version}"`),
});

interface Row {
  readonly what: string;
  readonly entries: readonly RawEntry[];
  readonly says: RegExp;
  readonly code?: ErrorCode;
  readonly exitCode?: number;
  readonly limits?: Partial<ArchiveLimits>;
}

const rows: readonly Row[] = [
  { what: "absolute path", entries: [...good, { path: "/outside/evil" }], says: /absolute path "\/outside\/evil"/ },
  { what: "..", entries: [...good, { path: "../../../outside/evil" }], says: /leads out of the archive by "\.\."/ },
  { what: ".. within", entries: [...good, { path: "dkms_source_tree/a/../../../../../outside/evil" }], says: /"\.\."/ },
  { what: ".. at the end", entries: [...good, directory("dkms_source_tree/..")], says: /"\.\."/ },
  { what: "absolute link", entries: [...good, link("dkms_source_tree/l", "/outside")], says: /link .* leads out/ },
  { what: "link out", entries: [...good, link("dkms_source_tree/l", "../../../../outside")], says: /leads out of its/ },
  {
    what: "link to another part",
    entries: [...good, link("dkms_source_tree/l", "../dkms_main_tree")],
    says: /leads out/,
  },
  {
    what: "link to another kernel",
    entries: [...good, link("dkms_main_tree/6.1.0/x86_64/module/l.ko", "../../../6.2.0/x86_64/module/l.ko")],
    says: /leads out of its directory/,
  },
  {
    what: "link that climbs through another link",
    entries: [
      ...good,
      { path: "dkms_source_tree/top/file" },
      link("dkms_source_tree/a/b/c", "../../top"),
      link("dkms_source_tree/l", "a/b/c/../../outside"),
    ],
    says: /holds "\.\." behind a name/,
  },
  {
    what: "source that is a link",
    entries: [object, link("dkms_source_tree", "dkms_main_tree")],
    says: /no dkms\.conf/,
  },
  { what: "results that are a link", entries: [...good, link("dkms_main_tree/6.2.0", "6.1.0")], says: /leads out/ },
  { what: "link without a target", entries: [...good, link("dkms_source_tree/l", "")], says: /link/ },
  {
    what: "file below a link",
    entries: [...good, link("dkms_source_tree/d", "sub"), { path: "dkms_source_tree/d/evil" }],
    says: /lies below "dkms_source_tree\/d"/,
  },
  {
    what: "link below which something was",
    entries: [...good, { path: "dkms_source_tree/d/evil" }, link("dkms_source_tree/d", "sub")],
    says: /lies below|more than once/,
  },
  { what: "file below a file", entries: [...good, { path: "dkms_source_tree/dkms.conf/evil" }], says: /no directory/ },
  { what: "hard link out", entries: [...good, hard("dkms_source_tree/h", "/etc/passwd")], says: /hard link/ },
  { what: "hard link up", entries: [...good, hard("dkms_source_tree/h", "../../../outside/f")], says: /hard link/ },
  {
    what: "hard link to nothing",
    entries: [...good, hard("dkms_source_tree/h", "dkms_source_tree/n")],
    says: /hard link/,
  },
  {
    what: "hard link to a link",
    entries: [...good, link("dkms_source_tree/l", "x"), hard("dkms_source_tree/h", "dkms_source_tree/l")],
    says: /hard link/,
  },
  { what: "hard link to another part", entries: [...good, hard("dkms_source_tree/h", object.path)], says: /hard link/ },
  { what: "character device", entries: [...good, { path: "dkms_source_tree/null", type: "3" }], says: /neither file/ },
  { what: "block device", entries: [...good, { path: "dkms_source_tree/sda", type: "4" }], says: /neither file/ },
  { what: "pipe", entries: [...good, { path: "dkms_source_tree/pipe", type: "6" }], says: /neither file/ },
  { what: "volume label", entries: [{ path: "label", type: "V" }, ...good], says: /neither file/ },
  { what: "file twice", entries: [...good, conf], says: /more than once/ },
  {
    what: "file twice by other paths",
    entries: [...good, { ...conf, path: `./dkms_source_tree//./dkms.conf` }],
    says: /more than once/,
  },
  {
    what: "directory that was a file",
    entries: [...good, directory("dkms_source_tree/dkms.conf")],
    says: /more than once/,
  },
  { what: "line feed in a name", entries: [...good, { path: "dkms_source_tree/a\nb" }], says: /control character/ },
  { what: "escape in a name", entries: [...good, { path: "dkms_source_tree/\u001b[2J" }], says: /control character/ },
  {
    what: "C1 control in a name",
    entries: [...good, { path: "dkms_source_tree/\u009b2J" }],
    says: /control character/,
  },
  { what: "control character in a target", entries: [...good, link("dkms_source_tree/l", "a\u0007")], says: /control/ },
  {
    what: "long name",
    entries: [
      ...good,
      { path: "././@LongLink", type: "L", content: `dkms_source_tree/${"n".repeat(256)}\u0000` },
      conf,
    ],
    says: /too long/,
  },
  {
    what: "long path",
    entries: [
      ...good,
      { path: "././@LongLink", type: "L", content: `dkms_source_tree/${"a/".repeat(600)}b\u0000` },
      conf,
    ],
    says: /too long/,
  },
  {
    what: "gigantic name",
    entries: [...good, { path: "././@LongLink", type: "L", content: `${"a/".repeat(200_000)}\u0000` }, conf],
    says: /64 KiB|too long/,
  },
  {
    what: "huge file",
    entries: [...good, { path: "dkms_source_tree/huge", size: 8 * 1024 ** 3 - 1 }],
    says: /would fill more/,
  },
  {
    what: "many entries",
    entries: [...good, ...Array.from({ length: 20 }, (_, index) => ({ path: `dkms_source_tree/${index}` }))],
    says: /more than 20 entries/,
    limits: { entries: 20 },
  },
  {
    what: "total size",
    entries: [
      ...good,
      ...Array.from({ length: 20 }, (_, at) => ({ path: `dkms_source_tree/${at}`, content: "x".repeat(99) })),
    ],
    says: /more than 1000 bytes/,
    limits: { bytes: 1000 },
  },
  {
    what: "ratio",
    entries: [...good, { path: "dkms_source_tree/zeros", content: "\u0000".repeat(2_000_000) }],
    says: /more than 500 times its size/,
    limits: { ratioFrom: 1_000_000 },
  },
  { what: "stranger", entries: [...good, { path: "etc/passwd" }], says: /"etc" is no part/, exitCode: 7 },
  { what: "no conf", entries: [object, { path: "dkms_source_tree/Makefile" }], says: /no dkms\.conf in/, exitCode: 7 },
  { what: "no conf anywhere", entries: [{ path: "a/Makefile" }], says: /no dkms\.conf in it/, exitCode: 3 },
  {
    what: "conf that is a directory",
    entries: [object, directory("dkms_source_tree/dkms.conf")],
    says: /no dkms\.conf/,
  },
  {
    what: "kernel called source",
    entries: [conf, { path: "dkms_main_tree/source/x/module/a.ko" }],
    says: /is "source"/,
  },
  { what: "kernel like an option", entries: [conf, { path: "dkms_main_tree/-rf/x/module/a.ko" }], says: /dash/ },
  {
    what: "module name with slash",
    entries: [confOf("../../outside", "1"), object],
    says: /conf/,
    code: "conf-invalid",
  },
  { what: "version ..", entries: [confOf("hello", ".."), object], says: /conf/, code: "conf-invalid" },
  { what: "hidden module", entries: [confOf(".dkms-alpm", "stamps"), object], says: /dot/, code: "conf-invalid" },
  {
    what: "version of another meaning",
    entries: [confOf("hello", "original_module"), object],
    says: /./,
    code: "conf-invalid",
  },
  { what: "conf that exits", entries: [{ ...conf, content: "exit 0\n" }], says: /conf/, code: "conf-invalid" },
];

for (const { what, entries, says, code = "archive-invalid", exitCode, limits = {} } of rows) {
  test(`refused: ${what}`, async () => {
    const scratch = makeScratch();
    try {
      mkdirSync(join(scratch.root, "outside"));
      const path = join(scratch.root, "hostile.tar.gz");
      writeFileSync(path, gzipSync(rawTar(entries)));
      const before = snapshot(scratch.root);
      const error = await failure(scratch, path, { ...defaultLimits, ...limits });
      assert.is(error.code, code, error.message);
      assert.match([error.message, ...(error.facts.excerpt ?? [])].join("\n"), says);
      assert.not.match(error.message, /[\u0000-\u001f\u007f-\u009f]/);
      if (exitCode !== undefined) assert.is(error.facts.exitCode, exitCode);
      assert.equal(snapshot(scratch.root), before);
    } finally {
      scratch.remove();
    }
  });
}

const broken: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["empty file", Buffer.alloc(0)],
  ["text", Buffer.from("this is no archive\n".repeat(100))],
  [
    "cut off",
    gzipSync(rawTar([...good, { path: "dkms_source_tree/x", content: "x".repeat(50_000) }])).subarray(0, 200),
  ],
  ["file shorter than its header says", rawTar([...good, { path: "dkms_source_tree/x", size: 9_000_000 }])],
  ["gzip of no archive", gzipSync("text")],
];
for (const [what, bytes] of broken) {
  test(`broken: ${what}`, async () => {
    const scratch = makeScratch();
    try {
      const path = join(scratch.root, "broken.tar.gz");
      writeFileSync(path, bytes);
      const before = snapshot(scratch.root);
      const error = await failure(scratch, path, defaultLimits);
      assert.is(error.code, "archive-invalid");
      assert.equal(snapshot(scratch.root), before);
    } finally {
      scratch.remove();
    }
  });
}

test("a bomb is left alone at its first header, not when it is unpacked", async () => {
  const scratch = makeScratch();
  try {
    const path = join(scratch.root, "bomb.tar.xz");
    const header = rawTar([...good, { path: "dkms_source_tree/zeros", size: 2 ** 32 }]).subarray(0, -1024);
    writeFileSync(join(scratch.root, "header"), header);
    // gzip's parts can be put one after the other.
    const script = `head -c 16M /dev/zero | gzip -1 >part; gzip -1 <header >bomb; for i in $(seq 32); do cat part; done >>bomb`;
    const made = spawnSync("sh", ["-c", script.replaceAll("bomb", path)], { cwd: scratch.root });
    assert.is(made.status, 0);
    const began = processorMilliseconds();
    spawnSync("gzip", ["-dc", path], { stdio: "ignore" });
    const unpacked = processorMilliseconds();
    const error = await failure(scratch, path, defaultLimits);
    assert.match(error.message, /more than 4294967296 bytes/);
    assert.ok(processorMilliseconds() - unpacked < (unpacked - began) / 2, "as long as unpacking it");
  } finally {
    scratch.remove();
  }
});

test("neither a directory nor a missing file is a tarball", async () => {
  const scratch = makeScratch();
  try {
    for (const path of [scratch.temporary, join(scratch.root, "missing.tar")]) {
      const error = await failure(scratch, path, defaultLimits);
      assert.is(error.code, "source-missing");
    }
  } finally {
    scratch.remove();
  }
});

async function failure(
  scratch: ReturnType<typeof makeScratch>,
  path: string,
  limits: ArchiveLimits,
): Promise<DkmsError> {
  const { tell } = scratch;
  try {
    await loadTarball({ context: await scratch.context(), path, tell, signal: new AbortController().signal, limits });
  } catch (error) {
    if (error instanceof DkmsError) return error;
    throw error;
  }
  throw new Error("The archive was loaded.");
}

test.run();
