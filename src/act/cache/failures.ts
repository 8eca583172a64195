/**
 * Remembers builds that have failed, by what they were made from, so that the same bytes are not compiled with the same programs once more: a check tells the
 * test before a transaction, and that test tells the run behind the transaction. Only what would fail again is remembered, and for a day.
 */
import { join } from "node:path";
import { DkmsError, type ErrorFacts } from "../../model/errors.ts";
import { errorReportOf, type ErrorReport } from "../../model/guard/guard.ts";
import type { Module } from "../../model/machine/world.ts";
import { moduleText, pairKey, type Pair } from "../../model/pair.ts";
import { removeFile } from "../../system/writing/file-changes.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { readText } from "../../system/files/content.ts";
import { sha256 } from "../../system/files/digests.ts";
import { fileKind } from "../../system/files/files.ts";
import { isWorthASecondTry, kernelHeaders } from "../second-tries.ts";

/** Where the failure of a build is kept: in the memory of a directory, by the key of the build. */
export interface FailurePlace {
  readonly directory: string;
  readonly key: string;
}

/** A failure as it is kept; `time` in milliseconds. */
interface Failure extends ErrorReport {
  readonly pair: string;
  readonly time: number;
}

type Failures = Readonly<Record<string, Failure>>;

/** Milliseconds for which a failure is remembered. */
const oneDay = 24 * 3600 * 1000;

/** What may be different the next time, whatever the inputs are: disk space, memory, network, a signal, a program or a file of a package that only now arrives. */
const passing = new RegExp(
  [
    "No space left|Disk quota|Cannot allocate memory|Out of memory|Killed|internal compiler error",
    "resolve host|name resolution|Network is unreachable|not found$",
    String.raw`(?<!fatal error: (?:${kernelHeaders})/[^\n]*): No such file or directory$`,
  ].join("|"),
  "m",
);

/** Remembers a failure if it would come again; otherwise forgets what was remembered of the pair. */
export function rememberFailure({ directory, key }: FailurePlace, pair: Pair, error: DkmsError): void {
  if (!isLasting(error)) return forgetFailures(directory, pair);
  // An earlier try may have seen less of the other modules: its key is another one.
  const failure = { ...errorReportOf(error), pair: pairKey(pair), time: Date.now() };
  write(directory, { ...read(directory), [key]: failure });
}

/** Forgets the failures of a pair: it builds. */
export function forgetFailures(directory: string, pair: Pair): void {
  const all = Object.entries(read(directory));
  const rest = all.filter(([, failure]) => failure.pair !== pairKey(pair));
  if (rest.length < all.length) write(directory, Object.fromEntries(rest));
}

/** Forgets everything: another test begins. */
export function forgetAllFailures(directory: string): void {
  removeFile(fileIn(directory));
}

/** The failure that this build would come to; undefined when nobody knows. */
export function knownFailure({ directory, key }: FailurePlace): DkmsError | undefined {
  const failure = read(directory)[key];
  if (failure === undefined) return undefined;
  const { code, message, facts } = failure;
  return new DkmsError(code, message, facts);
}

/** The key of a build on a machine with these modules: with others it might end another way. */
export function keyOnMachine(key: string, modules: readonly Module[]): string {
  const states = modules.flatMap(({ id, pairs }) => [
    moduleText(id),
    ...pairs.map(({ pair, state }) => `${pairKey(pair)} ${state}`),
  ]);
  return sha256([key, ...states.toSorted()].join("\n"));
}

/** In a test no other module is installed yet: only what a compiler says of the source itself is the same behind the transaction. */
function isLasting({ code, message, facts }: DkmsError): boolean {
  const text = [message, ...(facts.excerpt ?? [])].join("\n");
  return code === "make-failed" && !isWorthASecondTry(code, facts) && !passing.test(text);
}

const fileIn = (directory: string): string => join(directory, "failures.json");

/** What is remembered and still holds. */
function read(directory: string): Failures {
  try {
    const value = JSON.parse(readText(fileIn(directory)) ?? "{}") as Readonly<Record<string, Partial<Failure>>>;
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Failure] => holds(entry[1])));
  } catch {
    return {};
  }
}

/** Not what is old, nor what comes from the future by a clock that was wrong; and what names a log that is deleted is found out again. */
function holds({ code, message, facts, time = 0 }: Partial<Failure>): boolean {
  const isWhole = code === "make-failed" && typeof message === "string" && typeof facts === "object";
  return isWhole && Math.abs(Date.now() - time) < oneDay && isLogThere(facts);
}

function isLogThere({ log }: ErrorFacts): boolean {
  return log === undefined || fileKind(log) === "file";
}

/** What cannot be kept costs a build. */
function write(directory: string, failures: Failures): void {
  try {
    writeExpendable(fileIn(directory), JSON.stringify(failures));
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
  }
}
