/** Makes a tarball of a module: its source, its results for some kernels, or both. */
import { basename, dirname, join, resolve } from "node:path";
import { tarballParts } from "../../model/archive/archive-contents.ts";
import { defaultTarballName, type TarballKind } from "../../model/archive/archive-name.ts";
import { linkFault } from "../../model/archive/archive-structure.ts";
import { DkmsError } from "../../model/errors.ts";
import { moduleDirectory, resultDirectory, type Layout } from "../../model/machine/layout.ts";
import type { Event } from "../../model/run/outcome.ts";
import { kernelWords, moduleText, pairWords, type ModuleId, type Pair } from "../../model/pair.ts";
import { readModule } from "../../observe/tree/tree.ts";
import { workingDirectory } from "../../system/environment.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  rename,
  writeAtomically,
} from "../../system/writing/file-changes.ts";
import {
  listDirectory,
  listEntries,
  listTree,
  mayAccess,
  readBytes,
  readLink,
  targetKind,
} from "../../system/files/files.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { run } from "../../system/process/processes.ts";

/** What to pack, and where to. */
export interface TarballOrder {
  readonly layout: Layout;
  readonly module: ModuleId;
  /** Pairs of the module whose results go into it; none for `source-only`. */
  readonly pairs: readonly Pair[];
  readonly kind: TarballKind;
  /** `--archive`: a file name for the default directory, or a path; its suffix chooses the compression. */
  readonly archive: string | undefined;
  /** Whether a file of that name is replaced that is no tarball of DKMS. */
  readonly force?: boolean;
  /** Where the contents are gathered, `tmp_location`. */
  readonly temporary: string;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
}

/**
 * Writes the tarball and returns its path; a tarball of that name is replaced once the new one is complete, any other file never. Throws `object-missing` (6) when a pair is
 * not built, `source-missing`, `conf-missing`, `file-failed` (9: the directory cannot be written to; 6: tar failed), `tool-missing`,
 * `locked` when another run replaced a result meanwhile, `interrupted`.
 */
export async function makeTarball(order: TarballOrder): Promise<string> {
  const { directory, name } = destination(order);
  // The tree's own directory for tarballs holds nothing else.
  if (order.archive?.includes("/") === true && order.force !== true) await refuseOther(join(directory, name));
  if (order.kind !== "source-only") requireResults(order);
  const source = requireSource(order);
  prepareDirectory(directory);
  const before = identityOfResults(order);
  const gathered = makeTemporaryDirectory(join(order.temporary, "dkms-tarball."));
  const staging = stagingIn(directory);
  try {
    makeDirectory(join(gathered, tarballParts.results));
    if (order.kind !== "source-only") await gatherResults(order, gathered);
    if (order.kind === "binaries-only") gatherConf(order, source, gathered);
    else await gatherSource(order, source, gathered);
    // The final name already here: tar chooses the compression by it.
    const staged = join(staging, name);
    await pack(order, gathered, staged);
    // Nobody but root can take the lock, and other programs than ours do not.
    if (identityOfResults(order) !== before) {
      throw new DkmsError(
        "locked",
        `Another run changed results of ${moduleText(order.module)} while they were packed.`,
        {
          module: moduleText(order.module),
          hint: "Make the tarball again when that run has finished.",
        },
      );
    }
    rename(staged, join(directory, name));
    syncDirectory(directory);
  } finally {
    removeTree(gathered);
    removeTree(staging);
  }
  const path = join(directory, name);
  order.tell({ kind: "note", level: "message", text: `Tarball location: ${path}` });
  return path;
}

/** Results are replaced as whole directories: the same ones hold the same files. */
function identityOfResults({ layout, pairs }: TarballOrder): string {
  return pairs.map((pair) => identityLine(join(resultDirectory(layout, pair), "module")) ?? "none").join("\n");
}

/** A slip in `--archive` must not cost a file that has nothing to do with DKMS. Throws `file-failed` (6). */
async function refuseOther(path: string): Promise<void> {
  if (targetKind(path) !== "file") return;
  const { status, stdout } = await run(["bsdtar", "-tf", path], { environment: { LC_ALL: "C.UTF-8" } });
  const parts = Object.values(tarballParts);
  const isTarball =
    status === 0 && stdout.split("\n").some((line) => parts.some((part) => line.split("/").includes(part)));
  if (isTarball) return;
  throw new DkmsError("file-failed", `${path} exists and is no tarball of DKMS, so it is not overwritten.`, {
    path,
    hint: "Choose another name with --archive, or overwrite it with --force.",
    exitCode: 6,
  });
}

/** Root may write to a directory that cannot hold files (/proc): only trying tells. */
function stagingIn(directory: string): string {
  try {
    return makeTemporaryDirectory(join(directory, stagingPrefix));
  } catch (error) {
    throw unwritable(directory, error);
  }
}

const stagingPrefix = ".dkms-tarball.";

/** Directories of version control in a source: large, and of no use to a build. */
const versionControl: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".bzr"]);

function destination({ layout, module, pairs, kind, archive }: TarballOrder): { directory: string; name: string } {
  const standard = join(moduleDirectory(layout, module), "tarball");
  const kernels = pairs.map(({ kernel }) => kernel);
  if (archive === undefined || archive === "")
    return { directory: standard, name: defaultTarballName(module, kernels, kind) };
  if (!archive.includes("/")) return { directory: standard, name: archive };
  const path = resolve(workingDirectory(), archive);
  if (archive.endsWith("/") || targetKind(path) === "directory")
    throw new DkmsError("file-failed", `${archive} is a directory; a tarball is a file.`, { path, exitCode: 9 });
  // Renaming over a device would take it away from the whole machine.
  if (targetKind(path) === "other")
    throw new DkmsError("file-failed", `${archive} is there already and is no file.`, { path, exitCode: 6 });
  return { directory: dirname(path), name: basename(path) };
}

function requireResults({ layout, module, pairs }: TarballOrder): void {
  const hint = "Only what is built can be packed: dkms build does that.";
  if (pairs.length === 0)
    throw new DkmsError("object-missing", `${moduleText(module)} is built for no kernel.`, { hint, exitCode: 6 });
  for (const pair of pairs) {
    if (targetKind(join(resultDirectory(layout, pair), "module")) === "directory") continue;
    throw new DkmsError("object-missing", `${pairWords(pair)} is not built.`, { hint, exitCode: 6 });
  }
}

/** The directory of the module's source; one that was loaded without it has no more than a conf. */
function requireSource({ layout, module, kind }: TarballOrder): string {
  const { source } = readModule(layout, module);
  const facts = { module: moduleText(module), path: source };
  if (targetKind(join(source, "dkms.conf")) !== "file")
    throw new DkmsError("conf-missing", `There is no readable dkms.conf in ${source}.`, facts);
  if (kind !== "binaries-only" && listDirectory(source).length < 2)
    throw new DkmsError("source-missing", `The source of ${moduleText(module)} is not there.`, {
      ...facts,
      hint: "Without a source only --binaries-only works.",
    });
  return source;
}

function prepareDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    // What a run that was killed has left.
    for (const name of listDirectory(directory)) if (name.startsWith(stagingPrefix)) removeTree(join(directory, name));
    if (mayAccess(directory, "write")) return;
  } catch (error) {
    throw unwritable(directory, error);
  }
  throw unwritable(directory, undefined);
}

function unwritable(directory: string, cause: unknown): DkmsError {
  // The reason stands at the end of the words for what failed.
  const reason = cause instanceof DkmsError ? cause.message.slice(cause.message.lastIndexOf(": ")) : ".";
  const message = `The directory ${directory} for the tarball cannot be written to${reason}`;
  return new DkmsError("file-failed", message, { path: directory, exitCode: 9 }, cause);
}

async function gatherResults(order: TarballOrder, gathered: string): Promise<void> {
  for (const pair of order.pairs) {
    order.tell({ kind: "note", level: "message", text: `Packing the modules for ${kernelWords(pair.kernel)}` });
    const directory = join(gathered, tarballParts.results, pair.kernel.release, pair.kernel.arch);
    makeDirectory(directory);
    await copy(order, [`${resultDirectory(order.layout, pair)}/.`], directory);
  }
}

async function gatherSource(order: TarballOrder, source: string, gathered: string): Promise<void> {
  order.tell({ kind: "note", level: "message", text: `Packing ${source}` });
  const names = listEntries(source).filter(({ name, kind }) => kind !== "directory" || !versionControl.has(name));
  const directory = join(gathered, tarballParts.source);
  makeDirectory(directory);
  await copy(
    order,
    names.map(({ name }) => join(source, name)),
    directory,
  );
  warnOfLinks(order, source, directory);
}

/** Links that lead out of the source are packed as they are, for others to load; ours refuses such tarballs, so better now than then. */
function warnOfLinks({ tell }: TarballOrder, source: string, directory: string): void {
  const faults = listTree(directory).flatMap(({ path, kind }) =>
    kind === "link" ? (linkFault(path, readLink(join(directory, path)) ?? "", "") ?? []) : [],
  );
  if (faults.length === 0) return;
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : "";
  const text = `dkms ldtarball will refuse this tarball: ${faults.slice(0, 3).join("; ")}${more}. Put files in place of such links in ${source}.`;
  tell({ kind: "note", level: "warning", text });
}

/** What identifies a module without its source; the reference writes name and version beside its conf. */
function gatherConf({ module, tell }: TarballOrder, source: string, gathered: string): void {
  tell({ kind: "note", level: "message", text: `Packing no more of the source than ${source}/dkms.conf` });
  const directory = join(gathered, tarballParts.binaries);
  makeDirectory(directory);
  writeAtomically(join(directory, "PACKAGE_NAME"), `${module.name}\n`);
  writeAtomically(join(directory, "PACKAGE_VERSION"), `${module.version}\n`);
  writeAtomically(join(directory, "dkms.conf"), readBytes(join(source, "dkms.conf")) ?? "");
}

async function copy({ signal, module }: TarballOrder, from: readonly string[], to: string): Promise<void> {
  const { status, stderr } = await run(["cp", "--archive", "--reflink=auto", "--", ...from, to], { signal });
  finish(signal, status, stderr, `${moduleText(module)} cannot be copied for its tarball`);
}

async function pack(order: TarballOrder, gathered: string, file: string): Promise<void> {
  const { status, stderr } = await run(
    [
      "tar",
      ...["--create", "--auto-compress", "--force-local", `--file=${file}`, `--directory=${gathered}`],
      ...["--format=gnu", "--sort=name", "--owner=root:0", "--group=root:0"],
      ...["--", ...listDirectory(gathered)],
    ],
    { environment: { LC_ALL: "C" }, signal: order.signal, timeoutSeconds: 3600 },
  );
  finish(order.signal, status, stderr, `tar cannot make ${basename(file)} (status ${status})`);
  const synced = await run(["sync", file]);
  finish(order.signal, synced.status, synced.stderr, `${basename(file)} cannot be written to the disk`);
}

function finish(signal: AbortSignal, status: number, stderr: string, failure: string): void {
  if (signal.aborted) throw new DkmsError("interrupted", "Making the tarball was interrupted.");
  if (status === 0) return;
  const excerpt = stderr.split("\n").filter((line) => line.trim() !== "");
  throw new DkmsError("file-failed", `${failure}.`, { excerpt: excerpt.slice(0, 5), exitCode: 6 });
}
