/** Every command, option, directive and exit code that dkms documents is named by a row that compares the two programs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dkmsProgram } from "../../../src/cli/dkms/commands.ts";
import { directiveNames } from "../../../src/model/conf/raw-conf.ts";

/** What only ours has. */
const ownCommands: ReadonlySet<string> = new Set([
  "doctor",
  "prune",
  "mkpkg",
  "report",
  "guard",
  "help",
  "log",
  "why",
  "check",
  "notify",
]);
const ownOptions: ReadonlySet<string> = new Set([
  "dry-run",
  "json",
  "output",
  "repo",
  "key",
  "last",
  "packages",
  "ignore",
  "installed",
  "with",
  "timeout",
  "once",
  "fix",
  "yes",
]);

/** dkms(8), and what the reference's source leaves with; those of signals are in exit-codes-of-scripts.test.ts. */
const exitCodes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 21, 77, 101];

const text = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts") && name !== "named.test.ts")
  .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
  .join("\n");

function isNamed(pattern: string): boolean {
  return new RegExp(pattern).test(text);
}

for (const { name } of dkmsProgram.commands) {
  if (ownCommands.has(name)) continue;
  test(`command ${name}`, () => assert.ok(isNamed(`dkms ${name}\\b|"${name}"`)));
}

for (const option of dkmsProgram.options) {
  const { name } = option;
  if (ownOptions.has(name)) continue;
  const short = "short" in option ? `|[ "]-${option.short}\\b` : "";
  test(`option ${name}`, () => assert.ok(isNamed(`--${name}\\b${short}`)));
}

for (const name of directiveNames) {
  test(`directive ${name}`, () => assert.ok(isNamed(`(?<![A-Z_])${name}(\\[\\d\\])?=|"${name}"`)));
}

for (const code of exitCodes) {
  test(`exit code ${code}`, () => assert.ok(isNamed(`"exit ${code}: |\`exit ${code}: `)));
}

test.run();
