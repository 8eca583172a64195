/** dkms-check.service leaves the rights that the sandbox takes where a machine has no user namespaces. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../src/system/process/processes.ts";
import { confine, plainView } from "../../../src/system/sandbox/confine.ts";

const unit = readFileSync(join(import.meta.dirname, "../../../pkgbuild/dkms-check.service"), "utf8");

test("the sandbox works without user namespaces within the unit's bounding set", async () => {
  const dropped = (/^CapabilityBoundingSet=~(.*)$/m.exec(unit)?.[1] ?? "").split(" ");
  assert.ok(dropped.includes("CAP_SYS_MODULE"));
  const set = dropped.map((name) => name.replace(/^CAP_/, "-").toLowerCase()).join(",");
  const confined = confine("user", plainView, ["true"], 3);
  try {
    const { status, stderr } = await run(
      ["setpriv", "--no-new-privs", `--bounding-set=${set}`, "--", ...confined.argv],
      { descriptors: [confined.descriptor], bare: true },
    );
    assert.is(status, 0, stderr);
  } finally {
    confined.close();
  }
});

test.run();
