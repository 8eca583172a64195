/** Loads a tarball: its source into the source tree, its results into the dkms tree. */
import { basename, join } from "node:path";
import { tarballParts, type TarballContents } from "../../model/archive/archive-contents.ts";
import type { ArchiveLimits } from "../../model/archive/archive-entry.ts";
import { DkmsError } from "../../model/errors.ts";
import { defaultSource, resultDirectory, sourceLink } from "../../model/machine/layout.ts";
import { kernelWords, moduleText, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { ObserveContext } from "../../observe/context.ts";
import { identifySource } from "../../observe/tree/identify.ts";
import { readModule } from "../../observe/tree/tree.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import { makeTemporaryDirectory, removeTree } from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory, realPath, targetKind } from "../../system/files/files.ts";
import { placeResult } from "./place-results.ts";
import { placeSource } from "./place-source.ts";
import { extractTarball, inspectTarball } from "./read-tarball.ts";
import { registerConfAlone } from "./register-conf.ts";

/** A tarball to load. */
export interface TarballToLoad {
  /** Trees, where temporary files go, whether `--force` was given, variables for the conf. */
  readonly context: ObserveContext;
  /** An absolute path. */
  readonly path: string;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
  readonly limits?: ArchiveLimits;
  /** Looks it over, and loads nothing. */
  readonly isDryRun?: boolean;
}

/** What was loaded. */
export interface LoadedTarball {
  readonly module: ModuleId;
  /** Where its source is, for `register`. */
  readonly source: string;
  /** Whether the module is still to be registered (link, POST_ADD); `done` for one that has no source, or was added before. */
  readonly registration: "needed" | "done";
  /** Pairs whose results are from the tarball now, or would be in a dry run. */
  readonly placed: readonly Pair[];
  /** Pairs that had a result already, which was kept. */
  readonly kept: readonly Pair[];
}

/**
 * Loads a tarball of any kind. Nothing but a temporary directory, which goes again, is written before the whole archive was looked at and its module
 * is known. Results come before the registration, so that a run that was killed can be repeated. Needs root and the lock on the dkms tree.
 * Throws `source-missing`, `archive-invalid`, `conf-invalid`, `bad-name`, `module-already-added` (8), `file-failed`, `tool-missing`, `interrupted`.
 */
export async function loadTarball(order: TarballToLoad): Promise<LoadedTarball> {
  const { context, path, signal, tell } = order;
  if (targetKind(path) !== "file")
    throw new DkmsError("source-missing", `${path} does not exist, or is no file.`, { path });
  const directory = makeTemporaryDirectory(join(context.framework.tmpLocation.value, "dkms-load."));
  try {
    // A copy, so that nobody can exchange what was inspected for something else.
    const file = join(directory, "archive");
    copyAtomically(realPath(path) ?? path, file);
    const { limits } = order;
    const tarball = { file, name: path, signal, ...(limits === undefined ? {} : { limits }) };
    const inspection = await inspectTarball(tarball);
    const extracted = join(directory, "tree");
    await extractTarball(tarball, inspection, extracted);
    const { contents } = inspection;
    const module = await identifySource({
      context,
      directory: join(extracted, contents.directory),
      origin: path,
      signal,
    });
    refuseAdded(context, module);
    if (order.isDryRun === true) {
      const placed = contents.kernels.map((kernel): Pair => ({ module, kernel }));
      return { module, source: defaultSource(context.layout, module), registration: "done", placed, kept: [] };
    }
    tell({ kind: "note", level: "message", text: `Loading tarball for ${moduleText(module)}` });
    return await place(order, module, extracted, contents);
  } finally {
    removeTree(directory);
  }
}

function refuseAdded({ layout, options }: ObserveContext, module: ModuleId): void {
  if (options.force || readModule(layout, module).registration !== "added") return;
  throw new DkmsError("module-already-added", `${moduleText(module)} is already added.`, {
    module: moduleText(module),
    hint: "With --force the tarball's source and results replace what is there.",
    exitCode: 8,
  });
}

async function place(
  order: TarballToLoad,
  module: ModuleId,
  extracted: string,
  contents: TarballContents,
): Promise<LoadedTarball> {
  const { context, tell, signal } = order;
  const { layout } = context;
  const { force } = context.options;
  const before = readModule(layout, module);
  const from = join(extracted, contents.directory);
  const isSource = contents.kind === "source";
  if (isSource || targetKind(defaultSource(layout, module)) === "directory") clearConfAlone(order, module);
  if (isSource) await placeSource({ layout, module, from, force });
  for (const path of contents.ignored)
    tell({ kind: "note", level: "warning", text: `${path} in the tarball holds no modules and is not loaded.` });
  const placed: Pair[] = [];
  const kept: Pair[] = [];
  for (const kernel of contents.kernels) {
    if (signal.aborted) throw new DkmsError("interrupted", "Loading the tarball was interrupted.");
    const pair: Pair = { module, kernel };
    const result = resultDirectory(layout, pair);
    const results = join(extracted, tarballParts.results, kernel.release, kernel.arch);
    if (placeResult(layout, pair, results, { force }) === "placed") {
      placed.push(pair);
      tell({ kind: "note", level: "message", text: `Loaded the modules for ${kernelWords(kernel)} into ${result}` });
    } else {
      kept.push(pair);
      tell({ kind: "note", level: "warning", text: `${result} already exists. Skipping it.` });
    }
  }
  const loaded = { module, placed, kept };
  if (isSource) {
    const source = defaultSource(layout, module);
    const isDone =
      before.registration === "added" && before.source === source && fileKind(sourceLink(layout, module)) === "link";
    return { ...loaded, source, registration: isDone ? "done" : "needed" };
  }
  if (before.registration === "added") return { ...loaded, source: before.source, registration: "done" };
  const source = defaultSource(layout, module);
  if (targetKind(source) === "directory") return { ...loaded, source, registration: "needed" };
  return { ...loaded, source: registerConfAlone(layout, module, from), registration: "done" };
}

/** A directory in place of the source link is what a tarball of binaries has left; with a source there it has to make way for the link. */
function clearConfAlone({ context }: TarballToLoad, module: ModuleId): void {
  const link = sourceLink(context.layout, module);
  if (fileKind(link) !== "directory") return;
  const stranger = listDirectory(link).find((name) => name !== "dkms.conf");
  if (stranger === undefined) return removeTree(link);
  throw new DkmsError("module-broken", `${link} is a directory that holds more than a dkms.conf.`, {
    module: moduleText(module),
    path: join(link, basename(stranger)),
    hint: `Move ${link} away; it belongs to no source that dkms knows.`,
  });
}
