import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultLayout } from "../../../src/model/machine/layout.ts";
import { noteText } from "../../../src/model/packaging/supply.ts";
import { readSupplies } from "../../../src/observe/tree/supplies.ts";
import { takeUnexpected } from "../../../src/system/files/unexpected.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

/** The keys that are found when a directory holds a note for `release` under `file`, and objects with this content; and what is said of the rest. */
function found(
  release: string,
  file: string,
  objects: readonly string[],
  content = "object",
): { readonly keys: readonly string[]; readonly said: readonly string[] } {
  const installTree = fs.mkdtempSync(join(tmpdir(), "supplies-"));
  try {
    const directory = join(installTree, "6.1/updates/dkms-pkg");
    fs.mkdirSync(directory, { recursive: true });
    const pair = { module: moduleId("zfs/2.2"), kernel: kernel(release) };
    const source = { path: "", package: "", sha256: "" };
    const digest = createHash("sha256").update("object").digest("hex");
    const sha256 = { "spl.ko": digest, "zfs.ko": digest };
    const note = { package: "p", pair, objects: ["spl.ko", "zfs.ko"], sha256, compiler: "", source };
    fs.writeFileSync(join(directory, file), noteText(note));
    for (const object of objects) fs.writeFileSync(join(directory, object), content);
    const layout = { ...defaultLayout, installTree, run: join(installTree, "run") };
    takeUnexpected();
    const keys = [...readSupplies(layout, [kernel("6.0"), kernel("6.1")]).keys()];
    return { keys, said: takeUnexpected().map((sentence) => sentence.replace(/^.* is ignored: /, "")) };
  } finally {
    fs.rmSync(installTree, { recursive: true });
  }
}

test("a supply is there with all its objects as its note describes them, for its own kernel", () => {
  const both = ["spl.ko", "zfs.ko"];
  assert.equal(found("6.1", "zfs.json", both), { keys: ["zfs/6.1/x86_64"], said: [] });
  assert.equal(found("6.1", "zfs.json", ["zfs.ko"]), { keys: [], said: ["spl.ko is missing."] });
  assert.equal(found("6.1", "zfs.json", both, "other"), {
    keys: [],
    said: ["spl.ko is not the file that it describes."],
  });
  assert.equal(found("6.2", "zfs.json", both), { keys: [], said: ["it is about kernel 6.2 (x86_64)."] });
  assert.equal(found("6.1", "other.json", both), { keys: [], said: ["it is about zfs."] });
});

test.run();
