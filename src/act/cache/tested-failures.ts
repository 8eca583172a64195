/**
 * Test builds of this transaction that have failed, by what they were made from: the run behind the transaction does not compile the same bytes with the
 * same programs once more. Only what speaks of the module itself is remembered.
 */
import { join } from "node:path";
import { DkmsError, type ErrorCode, type ErrorFacts } from "../../model/errors.ts";
import { pairKey, type Pair } from "../../model/pair.ts";
import { removeFile } from "../../system/writing/file-changes.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { readText } from "../../system/files/files.ts";
import { isWorthASecondTry, kernelHeaders } from "../second-tries.ts";

/** A failure as it is kept. */
interface Failure {
  readonly pair: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

/** By the key of the build. */
type Failures = Readonly<Record<string, Failure>>;

/** What may be different the next time, whatever the inputs are: room, memory, network, a signal, a program or a file of a package that only now arrives. */
const passing = new RegExp(
  [
    "No space left|Disk quota|Cannot allocate memory|Out of memory|Killed|internal compiler error",
    "resolve host|name resolution|Network is unreachable|not found$",
    String.raw`(?<!fatal error: (?:${kernelHeaders})/[^\n]*): No such file or directory$`,
  ].join("|"),
  "m",
);

/** Remembers a failure if it would come again; else forgets what was remembered of the pair. */
export function rememberFailure(directory: string, key: string, pair: Pair, error: DkmsError): void {
  const { code, message, facts } = error;
  const text = [message, ...(facts.excerpt ?? [])].join("\n");
  // In a test no other module is installed yet: only what a compiler says of the source itself is the same behind the transaction.
  const isLasting = code === "make-failed" && !isWorthASecondTry(code, facts) && !passing.test(text);
  // An earlier try may have seen less of the other modules: its key is another one.
  if (isLasting) write(directory, { ...read(directory), [key]: { pair: pairKey(pair), code, message, facts } });
  else forgetFailures(directory, pair);
}

/** Forgets the failures of a pair: it builds. */
export function forgetFailures(directory: string, pair: Pair): void {
  const rest = others(directory, pair);
  if (Object.keys(rest).length < Object.keys(read(directory)).length) write(directory, rest);
}

/** Forgets everything: another test begins. */
export function forgetAllFailures(directory: string): void {
  removeFile(fileIn(directory));
}

/** The failure that this build would come to; undefined when nobody knows. */
export function knownFailure(directory: string, key: string): DkmsError | undefined {
  const failure = read(directory)[key];
  return failure === undefined
    ? undefined
    : new DkmsError(failure.code, failure.message, { ...failure.facts, isKnown: true });
}

const fileIn = (directory: string): string => join(directory, "failures.json");

function others(directory: string, pair: Pair): Failures {
  return Object.fromEntries(Object.entries(read(directory)).filter(([, failure]) => failure.pair !== pairKey(pair)));
}

function read(directory: string): Failures {
  try {
    const value: unknown = JSON.parse(readText(fileIn(directory)) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Failures) : {};
  } catch {
    return {};
  }
}

/** What cannot be kept costs a build. */
function write(directory: string, failures: Failures): void {
  try {
    writeExpendable(fileIn(directory), JSON.stringify(failures));
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
  }
}
