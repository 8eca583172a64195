/** Writes a package from a directory that stands for `/`: root does it alone, from copies of its own. Formats: alpm-package(7), mtree(5). */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DkmsError } from "../../model/errors.ts";
import { setMode, writeAtomically } from "../../system/writing/file-changes.ts";
import { fileFacts, listTree } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { buildInfo, packageInfo, type PackageFacts } from "./package-metadata.ts";

/** What to write. */
export interface WriteOrder {
  /** The directory that stands for `/`. */
  readonly root: string;
  readonly facts: Omit<PackageFacts, "size">;
  /** The archive to make. */
  readonly archive: string;
  readonly signal: AbortSignal;
}

/** Writes the archive; all in it is root's, files are 0644 and directories 0755. Throws `file-failed`, `interrupted`. */
export async function writePackageArchive({ root, facts, archive, signal }: WriteOrder): Promise<void> {
  const entries = listTree(root);
  const describe = (name: string, content: string | Uint8Array): void => {
    writeAtomically(join(root, name), content);
    setMode(join(root, name), 0o644);
  };
  let size = 0;
  for (const { path, kind } of entries) {
    setMode(join(root, path), kind === "directory" ? 0o755 : 0o644);
    if (kind === "file") size += fileFacts(join(root, path))?.size ?? 0;
  }
  describe(".PKGINFO", packageInfo({ ...facts, size }));
  describe(".BUILDINFO", buildInfo({ ...facts, size }));
  const contents = entries.map(({ path }) => path);
  const mtree = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link";
  const listing = await pack(["--format=mtree", `--options=${mtree}`], [".BUILDINFO", ".PKGINFO", ...contents], {
    root,
    archive: "-",
    signal,
  });
  describe(".MTREE", gzipSync(listing));
  await pack(["--zstd"], [".BUILDINFO", ".MTREE", ".PKGINFO", ...contents], { root, archive, signal });
}

async function pack(
  options: readonly string[],
  paths: readonly string[],
  { root, archive, signal }: { readonly root: string; readonly archive: string; readonly signal: AbortSignal },
): Promise<string> {
  const owner = ["--uid", "0", "--gid", "0", "--uname", "root", "--gname", "root"];
  const { status, stdout, stderr } = await run(
    [
      "bsdtar",
      "--no-fflags",
      "--no-xattrs",
      "--no-acls",
      "-cnf",
      archive,
      ...options,
      ...owner,
      "-C",
      root,
      "--null",
      "-T",
      "-",
    ],
    {
      environment: { LC_ALL: "C.UTF-8" },
      input: paths.map((path) => `${path}\0`).join(""),
      signal,
      timeoutSeconds: 3600,
    },
  );
  if (signal.aborted) throw new DkmsError("interrupted", "Making the package was interrupted.");
  if (status === 0) return stdout;
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  throw new DkmsError("file-failed", `bsdtar could not make the package (status ${status}).`, {
    excerpt: lines.slice(-5),
  });
}
