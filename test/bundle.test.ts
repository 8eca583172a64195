/** What is shipped: the same bytes from every build, and nothing in it whose licence is not shipped too. */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { neededNode } from "../src/decide/doctor/node.ts";

const project = resolve(import.meta.dirname, "..");

/** Builds into a folder of its own; gives the digest of every file by its path. */
function built(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-bundle-"));
  try {
    execFileSync(process.execPath, [join(project, "scripts/build.mjs"), folder], { cwd: "/" });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const digests = files.map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length), createHash("sha256").update(readFileSync(path)).digest("hex")];
    });
    return new Map(digests.toSorted());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("two builds have the same bytes", () => {
  const first = built();
  assert.ok(first.size > 10);
  assert.equal([...built()], [...first]);
});

test("the packages in it are those that we depend on, and what these need", () => {
  const licences = readFileSync(join(project, "dist/THIRD-PARTY-LICENSES"), "utf8");
  const bundled = [...licences.matchAll(/^(\S+)\n=+$/gm)].map(([, name = ""]) => name);
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as Lock;
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  const names = new Set(shipped.map(([path]) => path.replace(/.*node_modules\//, "")));
  assert.equal(
    bundled.filter((name) => !names.has(name)),
    [],
  );
  const { dependencies, engines } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as Manifest;
  const security = readFileSync(join(project, "SECURITY.md"), "utf8");
  for (const [name, version] of Object.entries(dependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} has one version`);
    assert.match(security, `\`${name}\``, `SECURITY.md says why there is ${name}`);
  }
  assert.is(engines.node, neededNode);
  for (const [path, { integrity }] of shipped) assert.match(integrity ?? "", /^sha512-/, path);
});

test("PKGBUILD and package.json name the licences of what is in it", () => {
  const licences = readFileSync(join(project, "dist/THIRD-PARTY-LICENSES"), "utf8");
  const others = [...licences.matchAll(/^SPDX-License-Identifier: (.*)$/gm)].map(([, name = ""]) => name);
  const all = ["MIT", ...[...new Set(others)].filter((name) => name !== "MIT").toSorted()].join(" AND ");
  assert.match(readFileSync(join(project, "pkgbuild/PKGBUILD"), "utf8"), `license=('${all}')`);
});

test("the lockfile is complete: npm ci needs no other", () => {
  execFileSync("npm", ["ci", "--dry-run", "--offline", "--ignore-scripts"], { cwd: project, stdio: "pipe" });
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly integrity?: string }>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

test.run();
