/** Gathers what goes into a tarball of a module: results, source, or its dkms.conf alone. */
import { join } from "node:path";
import { tarballParts } from "../../model/archive/archive-contents.ts";
import type { TarballKind } from "../../model/archive/archive-name.ts";
import { linkFault } from "../../model/archive/archive-structure.ts";
import { DkmsError } from "../../model/errors.ts";
import { resultDirectory, type Layout } from "../../model/machine/layout.ts";
import { kernelWords, moduleText, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Event } from "../../model/run/outcome.ts";
import { readBytes } from "../../system/files/content.ts";
import { listEntries, listTree, readLink } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { makeDirectory, writeAtomically } from "../../system/writing/file-changes.ts";

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
  /** Looks whether it can be made, and makes nothing. */
  readonly isDryRun?: boolean;
  /** Where the contents are gathered, `tmp_location`. */
  readonly temporary: string;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
}

/** Directories of version control in a source: large, and of no use to a build. */
const versionControl: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".bzr"]);

/** The results of the pairs. */
export async function gatherResults(order: TarballOrder, gathered: string): Promise<void> {
  for (const pair of order.pairs) {
    order.tell({ kind: "note", level: "message", text: `Packing the modules for ${kernelWords(pair.kernel)}` });
    const directory = join(gathered, tarballParts.results, pair.kernel.release, pair.kernel.arch);
    makeDirectory(directory);
    await copy(order, [`${resultDirectory(order.layout, pair)}/.`], directory);
  }
}

/** The source of the module. */
export async function gatherSource(order: TarballOrder, source: string, gathered: string): Promise<void> {
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
export function gatherConf({ module, tell }: TarballOrder, source: string, gathered: string): void {
  tell({ kind: "note", level: "message", text: `Packing ${source}/dkms.conf and nothing else of the source` });
  const directory = join(gathered, tarballParts.binaries);
  makeDirectory(directory);
  writeAtomically(join(directory, "PACKAGE_NAME"), `${module.name}\n`);
  writeAtomically(join(directory, "PACKAGE_VERSION"), `${module.version}\n`);
  writeAtomically(join(directory, "dkms.conf"), readBytes(join(source, "dkms.conf")) ?? "");
}

async function copy({ signal, module }: TarballOrder, from: readonly string[], to: string): Promise<void> {
  const { status, stderr } = await run(["cp", "--archive", "--reflink=auto", "--", ...from, to], { signal });
  requireSuccess(signal, status, stderr, `${moduleText(module)} cannot be copied for its tarball`);
}

/** Throws where a program has failed or was interrupted: `interrupted`, `file-failed` (6). */
export function requireSuccess(signal: AbortSignal, status: number, stderr: string, failure: string): void {
  if (signal.aborted) throw new DkmsError("interrupted", "Making the tarball was interrupted.");
  if (status === 0) return;
  const excerpt = stderr.split("\n").filter((line) => line.trim() !== "");
  throw new DkmsError("file-failed", `${failure}.`, { excerpt: excerpt.slice(0, 5), exitCode: 6 });
}
