/** A module that is to be tested although it is not installed: its source, or a package, becomes an archive that a test can lay over the machine. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { ModuleId } from "../../model/pair.ts";
import type { ObserveContext } from "../../observe/context.ts";
import { identifySource } from "../../observe/tree/identify.ts";
import { readModule } from "../../observe/tree/tree.ts";
import { makeDirectory, writeAtomically } from "../../system/writing/file-changes.ts";
import { targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** What stands in for the name of a package. */
const packageName = "dkms-check-given";

/** The archive: the file that was given, or one that is made of a source. Throws `conf-missing`, `conf-invalid`, `file-failed`. */
export async function archiveOf(
  path: string,
  directory: string,
  context: ObserveContext,
  signal: AbortSignal,
): Promise<string> {
  if (targetKind(path) === "file") return path;
  if (targetKind(path) !== "directory") {
    throw new DkmsError("file-failed", `There is no ${path}: a module's source or a package is needed.`, { path });
  }
  const module = await identifySource({ context, directory: path, signal });
  const root = join(directory, "given");
  const source = `usr/src/${sourceName(context, module)}`;
  makeDirectory(join(root, source));
  const copied = await run(["cp", "-r", "--no-preserve=ownership", "--", `${path}/.`, join(root, source)], { signal });
  const info = `pkgname = ${packageName}\npkgver = ${module.version.replaceAll("-", "_")}-1\narch = any\n`;
  writeAtomically(join(root, ".PKGINFO"), info);
  const archive = join(directory, "given.pkg.tar");
  const words = ["--no-xattrs", "--no-acls", "--no-fflags", "--uid", "0", "--gid", "0", "--exclude", `${source}/.git`];
  const packed = await run(["bsdtar", "-cf", archive, ...words, "-C", root, ".PKGINFO", source], {
    environment: { LC_ALL: "C.UTF-8" },
    signal,
  });
  if (copied.status === 0 && packed.status === 0) return archive;
  const why = `${copied.stderr}${packed.stderr}`.trim().split("\n").at(-1) ?? "";
  throw new DkmsError("file-failed", `The source in ${path} cannot be copied: ${why}`, { path });
}

/** Where a module of this name and version is registered from: there the test replaces it. */
function sourceName({ layout }: ObserveContext, module: ModuleId): string {
  const { source } = readModule(layout, module);
  const isInTree = source.startsWith(`${layout.sourceTree}/`);
  return isInTree ? source.slice(source.lastIndexOf("/") + 1) : `${module.name}-${module.version}`;
}
