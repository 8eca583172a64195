/** What is printed when a program has a bug. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const guarded = resolve(import.meta.dirname, "../../../src/cli/frame/guarded.ts");

/** Runs a program that throws, on a Node.js that calls itself so. */
function bugOn(version: string): { readonly status: number | null; readonly lines: readonly string[] } {
  const program = `
    Object.defineProperty(process, "version", { value: ${JSON.stringify(version)} });
    const { guarded } = await import(${JSON.stringify(guarded)});
    process.exitCode = await guarded("dkms", () => { throw new TypeError("x is not a function"); });
  `;
  const words = ["--import", "tsx", "--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync(process.execPath, words, {
    cwd: resolve(guarded, "../../../.."),
    encoding: "utf8",
  });
  return { status, lines: stderr.trim().split("\n") };
}

const rows: readonly (readonly [version: string, line: string])[] = [
  ["v20.19.0", "  -> Node.js is v20.19.0."],
  ["v27.0.0-nightly", "  -> Node.js is v27.0.0-nightly."],
  ["v20.18.3", "  -> Node.js is v20.18.3, and dkms-alpm needs >=20.19."],
];

for (const [version, line] of rows) {
  test(`a bug on Node.js ${version}`, () => {
    const { status, lines } = bugOn(version);
    assert.is(status, 70);
    assert.match(lines[0] ?? "", /has a bug: TypeError: x is not a function$/);
    assert.is(lines.at(-1), line);
  });
}

test.run();
