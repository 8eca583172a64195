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
import { fileKind, listTree } from "../../system/files/files.ts";
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
}

/** What no build sees of a package that is not installed, and the marks that stand for a kernel which is not extracted. */
const unseen = /^((boot|dev|home|proc|root|run|srv|sys|tmp|var)\/|usr\/lib\/modules\/[^/]+\/(modules\.order|pkgbase)$)/;

/**
 * Remembers that the packages of this transaction are tested: `packages` is their digest. Where that is not possible, nothing of the test is kept. Of use to the
 * run after the transaction once `rememberFiles` has ended as well.
 */
export function rememberTest(layout: Layout, packages: string): void {
  removeFile(viewFile(layout));
  removeFile(filesFile(layout));
  forgetAllFailures(testedResults(layout));
  const transaction = transactionId();
  if (transaction !== undefined) keep(viewFile(layout), { transaction, packages } satisfies TestedView);
}

/**
 * Remembers which files the packages have brought into `incoming`, a directory that stands for `/`: a line for every file and link. Builds may go on meanwhile. Has
 * to be called before another machine is entered: of a file of the administrator's a build sees the machine's own.
 */
export async function rememberFiles(layout: Layout, incoming: string): Promise<void> {
  const inEtc = listTree(join(incoming, "etc")).map(({ path }) => `etc/${path}`);
  const kept = new Set(inEtc.filter((path) => fileKind(`/${path}`) !== "none"));
  const lines = await linesOf([incoming, "-not", "-type", "d"], incoming);
  const seen = lines?.filter((line) => !unseen.test(pathOf(line)) && !kept.has(pathOf(line)));
  if (seen !== undefined) keep(filesFile(layout), seen);
}

function keep(path: string, value: TestedView | readonly string[]): void {
  try {
    writeExpendable(path, JSON.stringify(value));
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

/**
 * What find(1) says of the files that its words, or the names in `input`, stand for; undefined when it could not look at one. Headers are tens of thousands: it
 * takes a fraction of the time that we would.
 */
async function linesOf(words: readonly string[], top: string, input?: string): Promise<readonly string[] | undefined> {
  const argv = ["find", ...words, "-printf", String.raw`%y\0%s\0%T@\0%p\0%l\0`] as const;
  const { status, stdout, limit } = await run(argv, input === undefined ? {} : { input });
  if (status !== 0 || limit !== undefined) return undefined;
  const parts = stdout.split("\0");
  const lines: string[] = [];
  for (let at = 0; at + 4 < parts.length; at += 5) {
    const [type, size, modified, path = "", target] = parts.slice(at, at + 5);
    const seconds = modified?.split(".")[0];
    const what = type === "l" ? `-> ${target}` : type === "f" ? `file ${size} ${seconds}` : `of type ${type}`;
    lines.push(`${path.slice(top.length + 1)}\0${what}`);
  }
  return lines;
}

function pathOf(line: string): string {
  return line.slice(0, line.indexOf("\0"));
}

/** The digest of the packages that a test of this transaction can see; undefined when nobody knows. */
export function packagesUnderTest(layout: Layout): string | undefined {
  return readView(layout)?.packages;
}

const found = new Map<string, Promise<string | undefined>>();

/** The same, once the machine has every file of theirs as it was tested; looked at once a run. */
export function packagesAsTested(layout: Layout, root = ""): Promise<string | undefined> {
  const path = viewFile(layout);
  const known = found.get(path) ?? lookAtMachine(layout, root);
  found.set(path, known);
  return known;
}

/** The bytes are those of the packages, which pacman extracts as we did: what could differ is whether they were put there. */
async function lookAtMachine(layout: Layout, root: string): Promise<string | undefined> {
  const view = readView(layout);
  const files = view === undefined ? undefined : readFiles(layout);
  if (view === undefined || files === undefined) return undefined;
  const names = files.map((line) => `${root}/${pathOf(line)}\0`);
  const lines = await linesOf(["-files0-from", "-", "-maxdepth", "0"], root, names.join(""));
  const isSame = lines?.length === files.length && lines.every((line, index) => line === files[index]);
  return isSame ? view.packages : undefined;
}

/** The key of a tested result: that of the build, and the packages. */
export function testedKey(key: string, packages: string): string {
  return sha256([key, packages].join("\n"));
}

const viewFile = (layout: Layout): string => join(testedResults(layout), "view.json");
const filesFile = (layout: Layout): string => join(testedResults(layout), "files.json");

function readView(layout: Layout): TestedView | undefined {
  const transaction = transactionId();
  if (transaction === undefined) return undefined;
  const view = readJson(viewFile(layout)) as TestedView | undefined;
  return typeof view?.packages === "string" && view.transaction === transaction ? view : undefined;
}

/** Those of the test that is remembered: who remembers another one removes them first. */
function readFiles(layout: Layout): readonly string[] | undefined {
  const files = readJson(filesFile(layout));
  return Array.isArray(files) && files.every((line) => typeof line === "string") ? files : undefined;
}

/** What a file holds as JSON; undefined where it holds none, or nothing. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
