/** Makes a tarball of a module: its source, its results for some kernels, or both. */
import { basename, dirname, join, resolve } from "node:path";
import { gatherConf, gatherResults, gatherSource, requireSuccess, type TarballOrder } from "./gather-tarball.ts";
import { tarballParts } from "../../model/archive/archive-contents.ts";
import { defaultTarballName } from "../../model/archive/archive-name.ts";

import { DkmsError } from "../../model/errors.ts";
import { moduleDirectory, resultDirectory } from "../../model/machine/layout.ts";
import { moduleText, pairWords } from "../../model/pair.ts";
import { readModule } from "../../observe/tree/tree.ts";
import { workingDirectory } from "../../system/environment.ts";
import { makeDirectory, makeTemporaryDirectory, removeTree, rename } from "../../system/writing/file-changes.ts";
import { quietly } from "../../system/files/quietly.ts";
import { listDirectory, mayAccess, targetKind } from "../../system/files/files.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { run } from "../../system/process/processes.ts";

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
  if (order.isDryRun === true) return join(directory, name);
  prepareDirectory(directory, { isOwn: directory === ownDirectory(order) });
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

/** The tree's directory for tarballs of a module. */
const ownDirectory = ({ layout, module }: TarballOrder): string => join(moduleDirectory(layout, module), "tarball");

function destination(order: TarballOrder): { directory: string; name: string } {
  const { module, pairs, kind, archive } = order;
  const standard = ownDirectory(order);
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

function prepareDirectory(directory: string, { isOwn }: { readonly isOwn: boolean }): void {
  try {
    makeDirectory(directory);
    // What a run that was killed has left; in other directories it may be somebody else's.
    for (const name of isOwn ? listDirectory(directory) : []) {
      if (name.startsWith(stagingPrefix)) quietly(() => removeTree(join(directory, name)));
    }
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
  requireSuccess(order.signal, status, stderr, `tar cannot make ${basename(file)} (status ${status})`);
  const synced = await run(["sync", file]);
  requireSuccess(order.signal, synced.status, synced.stderr, `${basename(file)} cannot be written to the disk`);
}
