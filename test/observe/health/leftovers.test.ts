import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  activeLink,
  kernelDirectory,
  originalDirectory,
  pairLog,
  stampFile,
  guardLock,
  treeLock,
} from "../../../src/model/machine/layout.ts";
import type { Leftovers } from "../../../src/model/health/leftovers.ts";
import { moduleText, pairKey } from "../../../src/model/pair.ts";
import { readLeftovers } from "../../../src/observe/health/leftovers.ts";
import { readWholeWorld } from "../../../src/observe/world.ts";
import { isLocked } from "../../../src/system/process/lock-state.ts";
import { takeLock } from "../../../src/system/process/lock.ts";
import {
  activate,
  build,
  elf,
  kernel,
  makeScratch,
  packed,
  pairOf,
  put,
  type Scratch,
} from "../../act/install/scratch.ts";
import { observeContext } from "../context.ts";

const release = kernel.release;
const loadable = elf({ vermagic: `${release} SMP` });
const foreign = elf({ vermagic: "5.0.0 SMP" });

/** What is found after `change` on a machine where `m/1` is installed. */
async function read(change: (scratch: Scratch) => void, lock: "caller" | "unknown" = "caller"): Promise<Leftovers> {
  const scratch = makeScratch();
  try {
    const pair = build(scratch, "m/1", { "a.ko": loadable });
    put(join(scratch.layout.sourceTree, "m-1/dkms.conf"), conf("m", "1", "a"));
    activate(scratch, pair);
    put(join(scratch.modules, "updates/dkms/a.ko.zst"), packed("zstd", loadable));
    change(scratch);
    const context = observeContext(scratch.layout);
    return await readLeftovers(context, await readWholeWorld(context), lock);
  } finally {
    scratch.remove();
  }
}

function conf(name: string, version: string, object: string): string {
  return `PACKAGE_NAME=${name}\nPACKAGE_VERSION=${version}\nBUILT_MODULE_NAME=${object}\nDEST_MODULE_LOCATION=/updates\nAUTOINSTALL=yes\n`;
}

test("a machine where all is in its place has none", async () => {
  const found = await read(() => {});
  assert.equal(
    { ...found, sourceTree: "", sourceTrees: [], archived: [] },
    {
      sourceTree: "",
      sourceTrees: [],
      objects: [],
      staged: [],
      builds: [],
      stamps: [],
      logs: [],
      links: [],
      kept: [],
      originals: [],
      entries: [],
      archived: [],
      emptyDirectories: [],
      untidy: [],
      results: [],
      cacheLimit: 2 ** 31,
      unfinishedResults: [],
      workDirectories: [],
      begun: [],
      unindexed: [],
    },
  );
});

test("objects in updates/dkms that no installed pair has put there, and whether they would load", async () => {
  const { objects, staged } = await read(({ modules }) => {
    put(join(modules, "updates/dkms/fits.ko"), loadable);
    put(join(modules, "updates/dkms/deeper/foreign.ko.xz"), packed("xz", foreign));
    put(join(modules, "updates/dkms/junk.ko"), "no module");
    put(join(modules, "updates/dkms/junk.ko.gz"), "no archive");
    put(join(modules, "updates/dkms/README"), "a person's");
    put(join(modules, "updates/dkms/a.ko.zst.dkms-new"), "half");
    put(join(modules, "updates/hand.ko"), loadable);
    put(join(modules, "extra/hand.ko"), loadable);
  });
  assert.equal(
    objects.map(({ path, name, loadable: fits, owner }) => [path.split("/updates/dkms/")[1], name, fits, owner]),
    [
      ["fits.ko", "fits", true, "none"],
      ["junk.ko", "junk", false, "none"],
      ["junk.ko.gz", "junk", false, "none"],
      ["deeper/foreign.ko.xz", "foreign", false, "none"],
    ],
  );
  assert.equal(
    staged.map(({ path }) => path.split("/updates/dkms/")[1]),
    ["a.ko.zst.dkms-new"],
  );
});

test("a directory of objects that is a link is nobody's business", async () => {
  const { objects } = await read(({ modules, root }) => {
    put(join(root, "elsewhere/x.ko"), loadable);
    rmSync(join(modules, "updates"), { recursive: true });
    mkdirSync(join(modules, "updates"));
    symlinkSync(join(root, "elsewhere"), join(modules, "updates/dkms"));
  });
  assert.equal(objects, []);
});

test("records and the pairs that they speak of", async () => {
  const m1 = pairOf("m/1");
  const old = pairOf("old-name/0-1");
  const { stamps, logs, links, kept, originals } = await read(({ layout }) => {
    for (const pair of [m1, old]) {
      put(stampFile(layout, pair), "{}");
      const title = `${moduleText(pair.module)} for kernel ${release} (x86_64)`;
      put(pairLog(layout, pair), `DKMS (dkms-alpm-1) make.log for ${title}\nmore\n`);
    }
    put(join(layout.logs, "other.log"), "not ours\n");
    put(join(layout.state, "kept/old-name/0-1/dkms.conf"), "");
    mkdirSync(join(layout.dkmsTree, "old-name"));
    symlinkSync(`0-1/${release}/x86_64`, activeLink(layout, "old-name", kernel));
    put(join(originalDirectory(layout, "m", kernel), "a.ko"), "");
  });
  const keys = (list: readonly { readonly pair: typeof m1 }[]): readonly string[] =>
    list.map(({ pair }) => pairKey(pair));
  assert.equal(keys(stamps), [pairKey(m1), pairKey(old)]);
  assert.equal(keys(logs), [pairKey(old)]);
  assert.equal(keys(links), [pairKey(old)]);
  assert.equal(
    kept.map(({ module }) => moduleText(module)),
    ["old-name/0-1"],
  );
  assert.equal(
    originals.map(({ name, kernel: at }) => `${name} ${at.release}`),
    [`m ${release}`],
  );
});

test("entries of the dkms tree that hold neither source nor result", async () => {
  const found = await read(({ layout }) => {
    mkdirSync(join(layout.dkmsTree, "empty/1/build"), { recursive: true });
    mkdirSync(join(layout.dkmsTree, `half/1/${release}/.tmp_x86_64_AbCdEf`), { recursive: true });
    put(join(layout.dkmsTree, `odd/1/${release}/x86_64/log/make.log`), "");
    put(join(layout.dkmsTree, "m/1/tarball/m-1.dkms.tar.gz"), "");
    mkdirSync(join(layout.dkmsTree, "nothing"));
  });
  assert.equal(found.entries.map(moduleText), ["empty/1", "half/1"]);
  assert.equal([...found.archived], ["m/1"]);
  assert.equal(
    found.emptyDirectories.map((path) => path.split("/").at(-1)),
    ["nothing"],
  );
  assert.equal(
    found.builds.map((path) => path.split("/").at(-1)),
    [".tmp_x86_64_AbCdEf"],
  );
});

const leftBehind: readonly (readonly [string, boolean, (directory: string) => void])[] = [
  ["nothing at all", true, () => {}],
  ["an index", true, (directory) => put(join(directory, "modules.dep"), "")],
  ["empty directories", true, (directory) => mkdirSync(join(directory, "updates/dkms"), { recursive: true })],
  ["a person's file", false, (directory) => put(join(directory, "notes"), "")],
  ["headers alone", false, (directory) => put(join(directory, "build/include/x.h"), "")],
  [
    "an index of a module that is there",
    false,
    (directory) => [put(join(directory, "extra/x.ko"), ""), put(join(directory, "modules.dep"), "")],
  ],
];
for (const [what, isUntidy, fill] of leftBehind) {
  test(`the directory of a removed kernel with ${what}`, async () => {
    const { untidy } = await read(({ layout }) => {
      mkdirSync(kernelDirectory(layout, "5.9"));
      fill(kernelDirectory(layout, "5.9"));
    });
    assert.equal(
      untidy.map((removed) => removed.release),
      isUntidy ? ["5.9"] : [],
    );
  });
}

test("kept results with their sizes, and what killed runs have left beside them", async () => {
  const { results, unfinishedResults, workDirectories } = await read(({ layout }) => {
    put(join(layout.cache, "results/k1/module/a.ko"), "0123456789");
    put(join(layout.cache, "results/k1/manifest.json"), "{}");
    put(join(layout.cache, "results/.new-AbCdEf/module/a.ko"), "half");
    put(join(layout.cache, "guard/test-AbCdEf/tree/m/1/dkms.conf"), "");
  });
  const name = (path: string): string | undefined => path.split("/").at(-1);
  assert.equal(
    results.map(({ path, size }) => [name(path), size]),
    [["k1", 12]],
  );
  assert.equal([...unfinishedResults, ...workDirectories].map(name), [".new-AbCdEf", "test-AbCdEf"]);
});

test("while a test before a transaction is at work, its directories are its own", async () => {
  let letGo: (() => void) | undefined;
  try {
    const { unfinishedResults, workDirectories } = await read(({ layout }) => {
      put(join(layout.cache, "results/.new-AbCdEf/module/a.ko"), "half");
      put(join(layout.cache, "guard/test-AbCdEf/tree/m/1/dkms.conf"), "");
      letGo = takeLock(guardLock(layout), () => {}).release;
    });
    assert.equal([...unfinishedResults, ...workDirectories], []);
  } finally {
    letGo?.();
  }
});

test("while another run is at work, private directories are its own", async () => {
  let letGo: (() => void) | undefined;
  try {
    const { builds } = await read(({ layout }) => {
      mkdirSync(join(layout.state, "build/m-1.AbCdEf"), { recursive: true });
      letGo = takeLock(treeLock(layout), () => {}).release;
    }, "unknown");
    assert.equal(builds, []);
  } finally {
    letGo?.();
  }
  const { builds } = await read(
    ({ layout }) => mkdirSync(join(layout.state, "build/m-1.AbCdEf"), { recursive: true }),
    "unknown",
  );
  assert.is(builds.length, 1);
});

test("a lock is seen as long as it is held, by whomever", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  try {
    const file = join(directory, "lock");
    assert.is(isLocked(file), false);
    const lock = takeLock(file, () => {});
    assert.is(isLocked(file), true);
    lock.release();
    assert.is(isLocked(file), false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a lock is seen in a container as well, where the kernel does not list it", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  try {
    const file = join(directory, "lock");
    const state = join(import.meta.dirname, "../../../src/system/process/lock-state.ts");
    // As ours, the lock is taken by a flock(1) that ends.
    const script = `
exec 9>"$0"
flock 9
grep -c ":$(stat -c %i "$0") " /proc/locks
ask() { node --import tsx --input-type=module -e 'console.log((await import(process.argv[1])).isLocked(process.argv[2]))' "$1" "$0"; }
ask "$1"
exec 9>&-
ask "$1"`;
    const { uid } = userInfo();
    const container = [...(uid === 0 ? [] : ["--user", "--map-root-user"]), "--pid", "--fork", "--mount-proc"];
    const words = [...container, "bash", "-c", script, file, state];
    const cwd = join(import.meta.dirname, "../../..");
    const { stdout, stderr } = spawnSync("unshare", words, { cwd, encoding: "utf8" });
    assert.is(stdout, "0\ntrue\nfalse\n", stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
