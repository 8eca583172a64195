/** `scripts/packages` asks npm only where something is missing. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const script = resolve(import.meta.dirname, "../scripts/packages");
const locked = {
  "": { version: "1.0.0" },
  "node_modules/semver": { version: "7.8.6" },
  "node_modules/one/node_modules/two": { version: "2.0.0" },
  "node_modules/for-others": { version: "1.0.0", optional: true },
};

interface Row {
  readonly what: string;
  /** What npm has noted as installed; undefined when it has installed nothing. */
  readonly noted: Readonly<Record<string, { readonly version: string }>> | undefined;
  readonly directories: readonly string[];
  readonly asks: boolean;
}

const both = ["node_modules/semver", "node_modules/one/node_modules/two"];
const all = { "node_modules/semver": { version: "7.8.6" }, "node_modules/one/node_modules/two": { version: "2.0.0" } };

const rows: readonly Row[] = [
  { what: "everything is there", noted: all, directories: both, asks: false },
  { what: "nothing is there", noted: undefined, directories: [], asks: true },
  {
    what: "a package is missing",
    noted: { "node_modules/semver": all["node_modules/semver"] },
    directories: both,
    asks: true,
  },
  {
    what: "a version is another one",
    noted: { ...all, "node_modules/semver": { version: "7.8.5" } },
    directories: both,
    asks: true,
  },
  { what: "a directory was deleted", noted: all, directories: both.slice(0, 1), asks: true },
];

for (const { what, noted, directories, asks } of rows) {
  test(`${what}: npm is ${asks ? "" : "not "}asked`, () => {
    const root = mkdtempSync(join(tmpdir(), "dkms-alpm-packages-"));
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode: 0o755 });
    };
    try {
      put("package-lock.json", JSON.stringify({ packages: locked }));
      put("bin/npm", '#!/bin/sh\necho "$@" >asked\nmkdir -p node_modules\n');
      mkdirSync(join(root, "scripts"));
      copyFileSync(script, join(root, "scripts/packages"));
      for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
      if (noted !== undefined) put("node_modules/.package-lock.json", JSON.stringify({ packages: noted }));
      const path = `${join(root, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`;
      const { status } = spawnSync(join(root, "scripts/packages"), { cwd: "/", env: { ...process.env, PATH: path } });
      assert.is(status, 0);
      assert.is(existsSync(join(root, "asked")), asks);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

test.run();
