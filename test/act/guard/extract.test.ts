/** Archives of packages that want to be more than files: nothing outside of the test's directory is linked, read or written. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { extractIncoming } from "../../../src/act/guard/extract.ts";
import { workDirectoryAt } from "../../../src/act/guard/work-directory.ts";
import { rawTar, type RawEntry } from "../archive/raw-tar.ts";

const root = mkdtempSync(join(tmpdir(), "dkms-alpm-extract-"));
const secret = join(root, "outside/secret");
mkdirSync(join(root, "outside"));
writeFileSync(secret, "secret\n");
test.after(() => rmSync(root, { recursive: true, force: true }));

const source = "usr/src/evil-1";
const conf: RawEntry = { path: `${source}/dkms.conf`, content: "PACKAGE_NAME=evil\n" };

async function extract(entries: readonly RawEntry[], ...kernels: readonly string[]): Promise<string | undefined> {
  const directory = mkdtempSync(join(root, "work-"));
  const archive = join(directory, "evil.pkg.tar");
  writeFileSync(archive, rawTar([conf, ...entries]));
  const none = { headers: [], kernels, supplies: [], leavingDirectories: [], leavingHeaders: [] };
  const evil = { ...none, name: "evil", version: "1-1", archive, size: 0, isToolchain: false };
  const packages = [{ ...evil, sourceDirectories: ["evil-1"] }];
  const sets = { kernels: new Set(kernels), headers: new Set<string>(), sourceDirectories: new Set(["evil-1"]) };
  const work = workDirectoryAt(directory, { cache: directory, run: directory });
  const incoming = { packages, missing: [], kernelPackages: new Map<string, string>(), toolchain: [], ...sets };
  return extractIncoming(incoming, work, new AbortController().signal);
}

const rows: Readonly<Record<string, readonly RawEntry[]>> = {
  "a hard link to a file of the machine": [{ path: `${source}/x`, type: "1", target: secret }],
  "a hard link by way of `..`": [{ path: `${source}/x`, type: "1", target: `${"../".repeat(12)}${secret.slice(1)}` }],
  "a hard link by way of a link": [
    { path: `${source}/way`, type: "2", target: join(root, "outside") },
    { path: `${source}/x`, type: "1", target: `${source}/way/secret` },
  ],
  "a file written through a link": [
    { path: `${source}/way`, type: "2", target: join(root, "outside") },
    { path: `${source}/way/planted`, content: "x" },
  ],
  "a file with `..` in its name": [{ path: `${source}/../../../../../outside/planted`, content: "x" }],
};

for (const [what, entries] of Object.entries(rows)) {
  test(`a package with ${what} is refused, with the reason`, async () => {
    const why = (await extract(entries)) ?? "";
    assert.match(why, /^evil cannot be extracted from \S+: usr\/src\/evil-1\/.+[^.]$/);
    assert.is(statSync(secret).nlink, 1);
    assert.equal(readdirSync(join(root, "outside")), ["secret"]);
  });
}

for (const place of ["usr/lib/modules/9", "usr/lib/modules"]) {
  test(`a kernel whose ${place} is a link is not marked through it`, async () => {
    const link: RawEntry = { path: place, type: "2", target: join(root, "outside") };
    const why = await extract([link, { path: "usr/lib/modules/9/vmlinuz", content: "x" }], "9");
    assert.is(why, `the incoming packages have no directory ${place}, but a link or a file`);
    assert.equal(readdirSync(join(root, "outside")), ["secret"]);
  });
}

test("a package with nothing but files is extracted", async () => {
  assert.is(await extract([{ path: `${source}/x.c`, content: "x" }]), undefined);
});

test.run();
