/** Looks into a tarball without extracting it, and extracts one that was found harmless; GNU tar does both, so that both see the same archive. */
import { join } from "node:path";
import { readContents, type TarballContents } from "../../model/archive/archive-contents.ts";
import { defaultLimits, type ArchiveEntry, type ArchiveLimits } from "../../model/archive/archive-entry.ts";
import { judgeEntries, shown, type EntryTree } from "../../model/archive/archive-structure.ts";
import { DkmsError } from "../../model/errors.ts";
import { makeDirectory, setMode } from "../../system/writing/file-changes.ts";
import { fileFacts, listTree, readLink, targetKind } from "../../system/files/files.ts";
import { readLines } from "../../system/process/line-stream.ts";
import { run } from "../../system/process/processes.ts";
import { listingOptions, parseListingLine } from "./listing.ts";

/** An archive on disk. */
export interface Tarball {
  /** Where it is read. */
  readonly file: string;
  /** What the user calls it, for messages. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: ArchiveLimits;
}

/** What was found in an archive; all of it may be extracted. */
export interface Inspection {
  readonly tree: EntryTree;
  readonly contents: TarballContents;
}

/** Memory that tar and its decompressors may take, in bytes: an archive can ask for any amount. */
const memory = 2 * 1024 ** 3;

/** Time for one pass over an archive, in seconds. */
const patience = 600;

/** Lists an archive and judges it as a whole; throws `source-missing`, `archive-invalid`, `tool-missing` or `interrupted`. Nothing is written. */
export async function inspectTarball(tarball: Tarball): Promise<Inspection> {
  if (targetKind(tarball.file) !== "file")
    throw new DkmsError("source-missing", `${tarball.name} does not exist, or is no file.`, { path: tarball.name });
  const { limits = defaultLimits } = tarball;
  const judgement = judgeEntries(await readEntries(tarball, limits), limits.pathLength);
  if ("fault" in judgement) throw refusal(tarball, judgement.fault);
  const contents = readContents(judgement.tree);
  if ("fault" in contents) throw refusal(tarball, contents.fault, { exitCode: contents.exitCode });
  return { tree: judgement.tree, contents };
}

/**
 * Extracts an archive that was inspected into an empty directory of our own, and looks at what has come of it.
 * Files belong to who runs this, nothing is set-user-id, nothing is writable for others. Throws `archive-invalid`, `tool-missing` or `interrupted`.
 */
export async function extractTarball(tarball: Tarball, { tree }: Inspection, directory: string): Promise<void> {
  makeDirectory(directory);
  const result = await run(
    [
      ...limited,
      ...["tar", "--extract", "--force-local", `--file=${tarball.file}`, `--directory=${directory}`],
      ...["--no-same-owner", "--no-same-permissions", "--no-acls", "--no-selinux", "--no-xattrs"],
      ...["--keep-old-files", "--delay-directory-restore"],
      ...["--warning=no-timestamp", "--warning=no-unknown-keyword"],
    ],
    { environment: { LC_ALL: "C" }, signal: tarball.signal, timeoutSeconds: patience },
  );
  throwIfInterrupted(tarball.signal);
  if (result.status !== 0) throw toolFailure(tarball, result.status, result.stderr);
  verify(tarball, tree, directory);
}

const limited = ["prlimit", `--as=${memory}`] as const;

async function readEntries(tarball: Tarball, limits: ArchiveLimits): Promise<readonly ArchiveEntry[]> {
  const { file, signal } = tarball;
  const packed = fileFacts(file)?.size ?? 0;
  const entries: ArchiveEntry[] = [];
  let bytes = 0;
  let fault: string | undefined;
  const result = await readLines([...limited, "tar", ...listingOptions, "--force-local", `--file=${file}`], {
    environment: { LC_ALL: "C" },
    longestLine: 65_536,
    signal,
    timeoutSeconds: patience,
    onLine: (line) => {
      const entry = parseListingLine(line);
      if (entry === undefined) fault = `tar lists something in it that cannot be understood: ${shown(line)}`;
      else {
        entries.push(entry);
        bytes += entry.size;
        fault = excess({ entries: entries.length, bytes, packed }, limits);
      }
      return fault === undefined ? "more" : "enough";
    },
  });
  throwIfInterrupted(signal);
  if (fault !== undefined) throw refusal(tarball, fault);
  if (result.end === "too-long") throw refusal(tarball, "it holds a name of more than 64 KiB");
  if (result.end === "late") throw refusal(tarball, `tar has not come to its end in ${patience} seconds`);
  if (result.status !== 0) throw toolFailure(tarball, result.status, result.stderr);
  if (entries.length === 0) throw refusal(tarball, "it is empty", { exitCode: 3 });
  return entries;
}

interface Amount {
  readonly entries: number;
  readonly bytes: number;
  /** Size of the archive itself. */
  readonly packed: number;
}

function excess({ entries, bytes, packed }: Amount, limits: ArchiveLimits): string | undefined {
  if (entries > limits.entries) return `it holds more than ${limits.entries} entries`;
  if (bytes > limits.bytes) return `it would fill more than ${limits.bytes} bytes`;
  if (bytes > limits.ratioFrom && bytes > packed * limits.ratio)
    return `it would grow to more than ${limits.ratio} times its size`;
  return undefined;
}

/** What was extracted is what was listed, and nothing else; permissions that no source needs are taken away. */
function verify(tarball: Tarball, tree: EntryTree, directory: string): void {
  const implied = impliedDirectories(tree);
  for (const { path, kind } of listTree(directory)) {
    const entry = tree.get(path);
    const expected = entry?.kind === "hard-link" ? "file" : (entry?.kind ?? (implied.has(path) ? "directory" : "none"));
    const at = join(directory, path);
    if (kind !== expected || (kind === "link" && readLink(at) !== entry?.target))
      throw refusal(tarball, `tar made something else of ${shown(path)} than it had listed`);
    if (kind === "link") continue;
    const mode = fileFacts(at)?.mode ?? 0;
    const wanted = kind === "directory" ? (mode & 0o755) | 0o700 : (mode & 0o755) | 0o600;
    if (mode !== wanted) setMode(at, wanted);
  }
}

function impliedDirectories(tree: EntryTree): ReadonlySet<string> {
  const implied = new Set<string>();
  for (const path of tree.keys())
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const above = path.slice(0, at);
      if (implied.has(above)) break;
      implied.add(above);
    }
  return implied;
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new DkmsError("interrupted", "Reading the tarball was interrupted.");
}

function toolFailure(tarball: Tarball, status: number, stderr: string): DkmsError {
  if (status === 127) {
    const hint = "Install the packages tar and util-linux.";
    return new DkmsError("tool-missing", `tar could not be started to read ${tarball.name}.`, { hint });
  }
  const excerpt = stderr
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 5);
  return refusal(tarball, `tar cannot read it (status ${status})`, { excerpt });
}

function refusal(
  tarball: Tarball,
  fault: string,
  facts: { readonly exitCode?: number; readonly excerpt?: readonly string[] } = {},
): DkmsError {
  const message = `The tarball ${tarball.name} is refused: ${fault}.`;
  return new DkmsError("archive-invalid", message, { path: tarball.name, ...facts });
}
