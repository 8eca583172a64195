/**
 * Failed test builds of `dkms check`, kept by the key that their results would have: the test before the transaction says the same without a compiler. What a
 * check has found holds for a day, and only while the machine has the same modules.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { errorReportOf, type ErrorReport } from "../../model/guard/guard.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { Module } from "../../model/machine/world.ts";
import { moduleText, pairKey, type Pair } from "../../model/pair.ts";
import { removeFile } from "../../system/writing/file-changes.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { fileFacts, fileKind, listDirectory, readText } from "../../system/files/files.ts";
import { isOfTheBuild } from "../second-tries.ts";

/** Milliseconds for which a failure is remembered. */
const oneDay = 24 * 3600 * 1000;

/** The failures as one test uses them. */
export interface KnownFailures {
  /** What is known of a test build with this key; undefined when it has to be made. */
  recall(key: string): DkmsError | undefined;
  /** Notes how a test build with this key has ended. */
  note(pair: Pair, key: string, error: DkmsError | undefined): void;
  /** Keeps the failure of a pair that nothing will be tried for any more. */
  keep(pair: Pair): void;
}

/**
 * `scene`: the modules of the machine before the test. `test` only reads what a check has kept; `check` builds again what has failed before, and keeps how
 * that has ended.
 */
export function knownFailures(layout: Layout, scene: readonly Module[], use: "test" | "check"): KnownFailures {
  const directory = join(layout.cache, "failed");
  const machine = scene.flatMap(({ id, pairs }) => [
    moduleText(id),
    ...pairs.map(({ pair, state }) => `${pairKey(pair)} ${state}`),
  ]);
  const fileOf = (key: string): string => join(directory, `${digest([key, ...machine.toSorted()])}.json`);
  const noted = new Map<string, { readonly key: string; readonly error: DkmsError }>();
  if (use === "test") return { recall: (key) => readFailure(fileOf(key)), note: () => {}, keep: () => {} };
  for (const name of listDirectory(directory)) if (isOld(join(directory, name))) removeFile(join(directory, name));
  return {
    recall: () => undefined,
    note: (pair, key, error) => {
      if (error === undefined) {
        noted.delete(pairKey(pair));
        quietly(() => removeFile(fileOf(key)));
      } else if (isOfThePair(error)) noted.set(pairKey(pair), { key, error });
    },
    keep: (pair) => {
      const found = noted.get(pairKey(pair));
      if (found !== undefined)
        quietly(() => writeExpendable(fileOf(found.key), JSON.stringify(errorReportOf(found.error))));
    },
  };
}

/** A full disk, or a program that is missing, may be another way soon. */
function isOfThePair({ code, message, facts }: DkmsError): boolean {
  const text = [message, ...(facts.excerpt ?? [])].join("\n");
  return isOfTheBuild(code) && !/No space left on device|Disk quota exceeded|not found$/m.test(text);
}

function readFailure(path: string): DkmsError | undefined {
  const text = isOld(path) ? undefined : readText(path);
  if (text === undefined) return undefined;
  try {
    const { code, message, facts } = JSON.parse(text) as ErrorReport;
    // What names a log that nobody can read any more is found out again.
    const isWhole = typeof message === "string" && isOfTheBuild(code) && fileKind(facts.log ?? "") === "file";
    return isWhole ? new DkmsError(code, message, facts) : undefined;
  } catch {
    return undefined;
  }
}

/** Also what comes from the future, by a clock that was wrong. */
function isOld(path: string): boolean {
  const modified = Number((fileFacts(path)?.modified ?? 0n) / 1_000_000n);
  return Math.abs(Date.now() - modified) > oneDay;
}

function digest(texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\n")).digest("hex");
}

/** What cannot be kept costs a build. */
function quietly(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
  }
}
