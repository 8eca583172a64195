import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultLayout } from "../../../src/model/machine/layout.ts";
import { noteText } from "../../../src/model/packaging/supply.ts";
import { readSupplies } from "../../../src/observe/tree/supplies.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

/** The keys that are found when a directory holds a note for `release` under `file`, and objects. */
function found(release: string, file: string, objects: readonly string[]): readonly string[] {
  const installTree = fs.mkdtempSync(join(tmpdir(), "supplies-"));
  try {
    const directory = join(installTree, "6.1/updates/dkms-pkg");
    fs.mkdirSync(directory, { recursive: true });
    const pair = { module: moduleId("zfs/2.2"), kernel: kernel(release) };
    const source = { path: "", package: "", sha256: "" };
    const note = { package: "p", pair, objects: ["spl.ko", "zfs.ko"], sha256: {}, compiler: "", source };
    fs.writeFileSync(join(directory, file), noteText(note));
    for (const object of objects) fs.writeFileSync(join(directory, object), "");
    return [...readSupplies({ ...defaultLayout, installTree }, [kernel("6.0"), kernel("6.1")]).keys()];
  } finally {
    fs.rmSync(installTree, { recursive: true });
  }
}

test("a supply is there with all its objects, for its own kernel", () => {
  assert.equal(found("6.1", "zfs.json", ["spl.ko", "zfs.ko"]), ["zfs/6.1/x86_64"]);
  assert.equal(found("6.1", "zfs.json", ["zfs.ko"]), []);
  assert.equal(found("6.2", "zfs.json", ["spl.ko", "zfs.ko"]), []);
  assert.equal(found("6.1", "other.json", ["spl.ko", "zfs.ko"]), []);
});

test.run();
