import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LoadPolicy } from "../../../src/model/health/health.ts";
import { readLoadPolicy } from "../../../src/observe/kernel/load-policy.ts";
import { put } from "../../act/install/scratch.ts";

const secureBoot = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const nothing: LoadPolicy = { lockdown: undefined, secureBoot: "unknown", enforced: false };

const rows: readonly (readonly [Readonly<Record<string, string | Uint8Array>>, LoadPolicy])[] = [
  [{}, nothing],
  [{ "kernel/security/lockdown": "[none] integrity confidentiality\n" }, { ...nothing, lockdown: "none" }],
  [{ "kernel/security/lockdown": "none [integrity] confidentiality\n" }, { ...nothing, lockdown: "integrity" }],
  [{ [secureBoot]: Uint8Array.of(6, 0, 0, 0, 1) }, { ...nothing, secureBoot: "on" }],
  [{ [secureBoot]: Uint8Array.of(6, 0, 0, 0, 0) }, { ...nothing, secureBoot: "off" }],
  [{ "module/module/parameters/sig_enforce": "Y\n" }, { ...nothing, enforced: true }],
  [{ "module/module/parameters/sig_enforce": "N\n" }, nothing],
];
for (const [files, expected] of rows) {
  test(`sysfs with ${Object.keys(files).join(", ") || "nothing"}: ${JSON.stringify(expected)}`, () => {
    const sysfs = mkdtempSync(join(tmpdir(), "dkms-sysfs-"));
    try {
      for (const [path, content] of Object.entries(files)) put(join(sysfs, path), content);
      assert.equal(readLoadPolicy(sysfs), expected);
    } finally {
      rmSync(sysfs, { recursive: true });
    }
  });
}

test.run();
