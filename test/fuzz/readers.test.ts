/** Readers of texts that anybody may have written: whatever they are given, they answer with values and never throw anything but an error of ours. */
import * as fc from "fast-check";
import { test } from "uvu";
import { parseHookFile, printHookFile } from "../../src/alpm/hook/file.ts";
import { lintHook } from "../../src/alpm/hook/lint.ts";
import { readHook } from "../../src/alpm/hook/reading.ts";
import { parsePackageInfo } from "../../src/alpm/pkginfo.ts";
import { parseTargets } from "../../src/alpm/targets.ts";
import { vercmp } from "../../src/alpm/vercmp.ts";
import { wordsplit } from "../../src/alpm/wordsplit.ts";
import { DkmsError } from "../../src/model/errors.ts";
import { nameFault } from "../../src/model/names.ts";
import { parseSettingsText } from "../../src/observe/settings/settings-text.ts";
import { lastTransaction } from "../../src/observe/pacman/transaction-log.ts";
import { countedAs } from "../reliability-row.ts";
import { hookFile as hookBytes, targetBytes } from "./bytes.ts";
import { path, word } from "./words.ts";
import { isLong, seed } from "../form.ts";

const runs = isLong ? 12_000 : 600;

/** Bytes as a program gets them: valid UTF-8 or not. */
const noise = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes).toString("utf8"));
const line = fc.oneof(
  word,
  path,
  fc.tuple(word, word).map(([key, value]) => `${key} = ${value}`),
  noise,
);
const lines = fc.array(line, { maxLength: 30 }).map((all) => all.join("\n"));
const hookLine = fc.oneof(
  fc.constantFrom(
    "[Trigger]",
    "[Action]",
    "Type = Path",
    "Operation = Install",
    "Exec = /bin/true",
    "When = PostTransaction",
  ),
  fc
    .tuple(fc.constantFrom("Target", "Exec", "Depends", "Description", "Type", "[Trigger", "AbortOnFail"), line)
    .map((two) => two.join(" = ")),
  line,
);
const hookFile = fc.array(hookLine, { maxLength: 25 }).map((all) => all.join("\n"));
const longLine = fc.tuple(path, fc.constantFrom(1, 5000, 1_000_000)).map(([text, length]) => text.padEnd(length, "x"));

/** As the programs decode them. */
const targetText = targetBytes.map((bytes) => bytes.toString("utf8"));
const hookText = fc.oneof(
  { weight: 3, arbitrary: hookFile },
  { weight: 1, arbitrary: hookBytes.map((bytes) => bytes.toString("utf8")) },
);

const safe = (name: string): boolean => nameFault(name) === undefined || /^-|^\s|\s$/.test(name);

/** Each reader by what it reads; it may throw errors of ours. */
const readers: Readonly<Record<string, fc.IProperty<unknown>>> = {
  targets: fc.property(fc.oneof(lines, longLine, noise, targetText), (text) => {
    const { releases, sourceDirectories } = parseTargets(text);
    return [...releases, ...sourceDirectories].every(safe);
  }),
  "hook files": fc.property(hookText, (text) => {
    const file = parseHookFile(text);
    lintHook(file);
    readHook(file);
    printHookFile(file);
  }),
  "Exec lines": fc.property(fc.oneof(line, noise), (text) => void wordsplit(text)),
  ".PKGINFO": fc.property(fc.oneof(lines, noise), (text) => void orOurs(() => parsePackageInfo(text))),
  "settings files": fc.property(fc.oneof(lines, noise), (text) => void orOurs(() => parseSettingsText(text))),
  "pacman.log": fc.property(fc.oneof(lines, noise), (text) => void lastTransaction(text)),
  versions: fc.property(line, line, (a, b) => Math.sign(vercmp(a, b)) === -Math.sign(vercmp(b, a))),
};

for (const [what, property] of Object.entries(readers)) {
  test(`${what}: ${runs} texts`, () =>
    countedAs({ what: `reading ${what}`, fault: "hostile texts", tried: runs }, () =>
      fc.assert(property, { seed, numRuns: runs }),
    ));
}

function orOurs(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
  }
}

test.run();
