/**
 * Results of test builds, which a transaction that may still be refused has brought about. They are kept apart, by the digests of the packages that the build could
 * see, and count for real only in that transaction: when pacman has put on the machine what they were made with.
 */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { removeFile } from "../../system/writing/file-changes.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { readText } from "../../system/files/content.ts";
import { digestOfFile, sha256 } from "../../system/files/digests.ts";
import { fileFacts, fileKind, readLink } from "../../system/files/files.ts";
import { transactionId } from "../../system/process/ancestors.ts";
import { run } from "../../system/process/processes.ts";
import { forgetAllFailures } from "./failures.ts";
import { testedResults } from "./place.ts";

/** What the builds of one test can see beyond the machine as it is. */
interface TestedView {
  /** The transaction: the process of the program that runs it, and when that began. */
  readonly transaction: string;
  /** One digest for all packages that were extracted. */
  readonly packages: string;
  /** A line for every file and link of theirs. */
  readonly files: readonly string[];
}

/** What no build sees of a package that is not installed, and the marks that stand for a kernel which is not extracted. */
const unseen = /^((boot|dev|home|proc|root|run|srv|sys|tmp|var)\/|usr\/lib\/modules\/[^/]+\/(modules\.order|pkgbase)$)/;

/**
 * Remembers what the packages of this transaction have brought into a directory that stands for `/`: `packages` is their digest. Where that is not possible, nothing
 * of the test is kept.
 */
export async function rememberTest(layout: Layout, packages: string, incoming: string): Promise<void> {
  const path = viewFile(layout);
  removeFile(path);
  forgetAllFailures(testedResults(layout));
  const transaction = transactionId();
  if (transaction === undefined) return;
  const files = await linesBelow(incoming);
  if (files === undefined) return;
  try {
    writeExpendable(path, JSON.stringify({ transaction, packages, files } satisfies TestedView));
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
  }
}

/** One digest for all packages; what is under way meanwhile goes on. */
export async function digestOfPackages(archives: readonly string[]): Promise<string> {
  const digests: string[] = [];
  for (const archive of archives) {
    await new Promise((fulfil) => setImmediate(fulfil));
    digests.push(digestOfFile(archive));
  }
  return sha256(digests.toSorted().join("\n"));
}

/** What `lineOf` says of every file that a build sees. Headers are tens of thousands: find(1) looks at them in a fraction of the time. */
async function linesBelow(incoming: string): Promise<readonly string[] | undefined> {
  const format = ["-not", "-type", "d", "-printf", String.raw`%y\0%s\0%T@\0%P\0%l\0`];
  const { status, stdout, limit } = await run(["find", incoming, ...format]);
  if (status !== 0 || limit !== undefined) return undefined;
  const parts = stdout.split("\0");
  const lines: string[] = [];
  for (let at = 0; at + 4 < parts.length; at += 5) {
    const [type, size, modified, path = "", target] = parts.slice(at, at + 5);
    // Of a file of the administrator's the build has seen the machine's own.
    if (unseen.test(path) || (path.startsWith("etc/") && fileKind(`/${path}`) !== "none")) continue;
    if (type === "l") lines.push(`${path}\0-> ${target}`);
    else if (type === "f") lines.push(`${path}\0file ${size} ${modified?.split(".")[0]}`);
    else lines.push(lineOf(incoming, path));
  }
  return lines;
}

/** The digest of the packages that a test of this transaction can see; undefined when nobody knows. */
export function packagesUnderTest(layout: Layout): string | undefined {
  return readView(layout)?.packages;
}

const found = new Map<string, string | undefined>();

/** The same, once the machine has every file of theirs as it was tested; looked at once a run. */
export function packagesAsTested(layout: Layout, root = "/"): string | undefined {
  const path = viewFile(layout);
  if (!found.has(path)) found.set(path, lookAtMachine(layout, root));
  return found.get(path);
}

function lookAtMachine(layout: Layout, root: string): string | undefined {
  const view = readView(layout);
  if (view === undefined) return undefined;
  const isSame = view.files.every((line) => lineOf(root, line.slice(0, line.indexOf("\0"))) === line);
  return isSame ? view.packages : undefined;
}

/** The key of a tested result: that of the build, and the packages. */
export function testedKey(key: string, packages: string): string {
  return sha256([key, packages].join("\n"));
}

const viewFile = (layout: Layout): string => join(testedResults(layout), "view.json");

function readView(layout: Layout): TestedView | undefined {
  const transaction = transactionId();
  const text = transaction === undefined ? undefined : readText(viewFile(layout));
  if (text === undefined) return undefined;
  try {
    const view = JSON.parse(text) as TestedView;
    const isWhole = typeof view?.packages === "string" && Array.isArray(view.files);
    return isWhole && view.transaction === transaction ? view : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes are those of the packages, which pacman extracts as we did: what could differ is whether they were put there. */
function lineOf(root: string, path: string): string {
  const full = join(root, path);
  const kind = fileKind(full);
  if (kind === "link") return `${path}\0-> ${readLink(full) ?? ""}`;
  const facts = kind === "file" ? fileFacts(full) : undefined;
  return `${path}\0${kind} ${facts?.size ?? 0} ${(facts?.modified ?? 0n) / 1_000_000_000n}`;
}
