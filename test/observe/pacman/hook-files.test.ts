/** Hook files as they lie there: what is no text, or far too long, is reported and not read. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readHookFiles } from "../../../src/observe/pacman/hook-files.ts";

test("a file of 5 GB is unreadable, and the others are read", () => {
  const directory = fs.mkdtempSync(join(tmpdir(), "dkms-hooks-"));
  try {
    fs.writeFileSync(join(directory, "good.hook"), "[Action]\n");
    fs.writeFileSync(join(directory, "long.hook"), "[Trigger]\n");
    fs.truncateSync(join(directory, "long.hook"), 5e9);
    fs.symlinkSync("/dev/null", join(directory, "off.hook"));
    fs.symlinkSync("nowhere", join(directory, "stray.hook"));
    const found = readHookFiles(directory).map(({ name, content }) => [
      name,
      content.kind === "text" ? content.text : content.kind,
    ]);
    assert.equal(found, [
      ["good.hook", "[Action]\n"],
      ["long.hook", "unreadable"],
      ["off.hook", ""],
      ["stray.hook", "dangling"],
    ]);
    const [, long] = readHookFiles(directory);
    assert.match(long?.content.kind === "unreadable" ? long.content.reason : "", "it has 5000000000 bytes, more than");
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});

test.run();
