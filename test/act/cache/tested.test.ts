/** Results of test builds count only in the transaction that was tested, and only when the machine has what was tested. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  digestOfPackages,
  packagesAsTested,
  packagesUnderTest,
  rememberFiles,
  rememberTest,
  testedKey,
} from "../../../src/act/cache/tested.ts";
import type { Layout } from "../../../src/model/machine/layout.ts";
import { makeScratch, put, type Scratch } from "../install/scratch.ts";

const transaction = "DKMS_ALPM_TRANSACTION";
const test = suite<{ scratch: Scratch; archive: string; incoming: string; machine: string }>("tested results");
test.before.each((context) => {
  context.scratch = makeScratch();
  const { root } = context.scratch;
  context.incoming = join(root, "incoming");
  context.machine = join(root, "machine");
  context.archive = put(join(root, "x.pkg.tar.zst"), "archive");
  process.env[transaction] = "123:456";
  for (const top of [context.incoming, context.machine]) {
    fs.utimesSync(put(join(top, "usr/lib/x/part.h"), "#define PART 1\n"), 1_700_000_000, 1_700_000_000);
    fs.symlinkSync("part.h", join(top, "usr/lib/x/link.h"));
  }
});
test.after.each(({ scratch }) => {
  delete process.env[transaction];
  scratch.remove();
});

async function remember(layout: Layout, archive: string, incoming: string): Promise<void> {
  rememberTest(layout, await digestOfPackages([archive]));
  await rememberFiles(layout, incoming);
}

test("in the same transaction, with the same files", async ({ scratch: { layout }, archive, incoming, machine }) => {
  await remember(layout, archive, incoming);
  const packages = packagesUnderTest(layout);
  assert.match(packages ?? "", /^[0-9a-f]{64}$/);
  assert.is(await packagesAsTested(layout, machine), packages);
});

for (const [what, change] of [
  ["another process", () => (process.env[transaction] = "124:456")],
  ["a process of the same id", () => (process.env[transaction] = "123:457")],
  ["no hook", () => delete process.env[transaction]],
] as const) {
  test(`not in ${what}`, async ({ scratch: { layout }, archive, incoming, machine }) => {
    await remember(layout, archive, incoming);
    change();
    assert.is(packagesUnderTest(layout), undefined);
    assert.is(await packagesAsTested(layout, machine), undefined);
  });
}

for (const [what, change] of [
  ["is another one", (path) => fs.appendFileSync(path, "x")],
  ["is of another day", (path) => fs.utimesSync(path, 1, 1)],
  ["is missing", (path) => fs.rmSync(path)],
  [
    "is a link",
    (path) => {
      fs.rmSync(path);
      fs.symlinkSync("/etc/shadow", path);
    },
  ],
  [
    "is a directory",
    (path) => {
      fs.rmSync(path);
      fs.mkdirSync(path);
    },
  ],
] as const satisfies readonly (readonly [string, (path: string) => void])[]) {
  test(`not where a file of theirs ${what}`, async ({ scratch: { layout }, archive, incoming, machine }) => {
    await remember(layout, archive, incoming);
    change(join(machine, "usr/lib/x/part.h"));
    assert.is(await packagesAsTested(layout, machine), undefined);
  });
}

test("another package with the same files makes another key", async ({
  scratch: { layout, root },
  archive,
  incoming,
}) => {
  await remember(layout, archive, incoming);
  const first = packagesUnderTest(layout) ?? "";
  await remember(layout, put(join(root, "y.pkg.tar.zst"), "archivf"), incoming);
  const second = packagesUnderTest(layout) ?? "";
  assert.is.not(first, second);
  assert.is.not(testedKey("k", first), testedKey("k", second));
});

test("a damaged note counts for nothing", async ({ scratch: { layout }, archive, incoming, machine }) => {
  await remember(layout, archive, incoming);
  for (const text of ["", "{", "[]", "null", '{"transaction":"123:456"}']) {
    fs.writeFileSync(join(layout.cache, "tested/view.json"), text);
    assert.is(packagesUnderTest(layout), undefined);
    assert.is(await packagesAsTested(layout, machine), undefined);
  }
});

for (const text of ["", "{}", "[1]", "null", '["usr/lib/x/part.h\\u0000file 1 1"]']) {
  test(`nor does a list of files that is ${text === "" ? "empty" : text}`, async (context) => {
    const { layout } = context.scratch;
    await remember(layout, context.archive, context.incoming);
    fs.writeFileSync(join(layout.cache, "tested/files.json"), text);
    assert.is(await packagesAsTested(layout, context.machine), undefined);
  });
}

test("nor does a test of which the files are not known yet", async ({
  scratch: { layout },
  archive,
  incoming,
  machine,
}) => {
  await remember(layout, archive, incoming);
  rememberTest(layout, packagesUnderTest(layout) ?? "");
  assert.is.not(packagesUnderTest(layout), undefined);
  assert.is(await packagesAsTested(layout, machine), undefined);
});

test("what no build sees of a package is not asked for", async ({
  scratch: { layout },
  archive,
  incoming,
  machine,
}) => {
  put(join(incoming, "boot/vmlinuz"), "");
  put(join(incoming, "var/lib/x"), "");
  put(join(incoming, "usr/lib/modules/6.6.1/pkgbase"), "linux");
  put(join(incoming, "usr/lib/modules/6.6.1/modules.order"), "");
  put(join(incoming, "etc/passwd"), "the machine's own is seen");
  await remember(layout, archive, incoming);
  assert.is.not(await packagesAsTested(layout, machine), undefined);
});

test("names of any kind and files that are none are looked at alike", async ({
  scratch: { layout },
  archive,
  incoming,
  machine,
}) => {
  for (const top of [incoming, machine]) {
    for (const name of ["a b\n\tc", "ü", "-name", "usr"]) fs.utimesSync(put(join(top, "opt", name), "x"), -1.5, -1.5);
    fs.symlinkSync("a b\n\tc\\0", join(top, "opt/to \n"));
    spawnSync("mkfifo", [join(top, "opt/pipe")]);
  }
  await remember(layout, archive, incoming);
  assert.is.not(await packagesAsTested(layout, machine), undefined);
});

test.run();
