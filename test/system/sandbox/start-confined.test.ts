/** A start in the sandbox that fails before there is a program. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { confine, plainView, startConfined } from "../../../src/system/sandbox/confine.ts";

test("where no file can be written in the temporary directory, the error is thrown once", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): number => unhandled.push(error);
  const before = process.env["TMPDIR"];
  process.on("unhandledRejection", note);
  // Nobody can make a file there.
  process.env["TMPDIR"] = "/proc";
  try {
    const error = await startConfined(
      async (how) => confine(how, plainView, ["true"], 3),
      () => true,
    ).catch((thrown: unknown) => thrown);
    assert.match(String(error), "Cannot write a file in /proc");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(unhandled, []);
  } finally {
    process.off("unhandledRejection", note);
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
});

test.run();
