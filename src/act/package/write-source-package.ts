/** Writes a new package: the tarball of its sources, and the files beside it. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  rename,
  writeAtomically,
} from "../../system/writing/file-changes.ts";
import { digestOfFile } from "../../system/files/digests.ts";
import { fileKind, realPath } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** What to write, and where. */
export interface PackageToWrite {
  /** The directory of the new package. */
  readonly target: string;
  /** The tarball to take as it is; undefined to pack the sources. */
  readonly given: string | undefined;
  /** Where the sources are. */
  readonly sources: string;
  readonly tarball: string;
  /** The directory in the tarball, when it is packed. */
  readonly directory: string;
  readonly conf: string | undefined;
  /** Whether files that are there already are replaced. */
  readonly force: boolean;
  /** Looks whether it can be written, and writes nothing. */
  readonly isDryRun?: boolean;
  recipe(sum: string): string;
}

/**
 * Writes it, but for a dry run, and returns the paths; the PKGBUILD is the last, so that it never names what is not there. Without `force` nothing that exists is replaced:
 * throws `file-failed` before anything is written.
 */
export async function writePackage(made: PackageToWrite): Promise<readonly string[]> {
  const tarball = join(made.target, made.tarball);
  if (!made.force) refuseExisting(made, tarball);
  const conf = join(made.target, "dkms.conf");
  const recipe = join(made.target, "PKGBUILD");
  const paths = [tarball, ...(made.conf === undefined ? [] : [conf]), recipe];
  if (made.isDryRun === true) return paths;
  makeDirectory(made.target);
  if (made.given === undefined) await pack(made, tarball);
  else if (made.given !== tarball) copyAtomically(made.given, tarball);
  const sum = digestOfFile(tarball);
  if (made.conf !== undefined) writeAtomically(conf, made.conf);
  writeAtomically(recipe, made.recipe(sum));
  return paths;
}

function refuseExisting({ target, given, conf }: PackageToWrite, tarball: string): void {
  const written = [
    ...(given === tarball ? [] : [tarball]),
    ...(conf === undefined ? [] : [join(target, "dkms.conf")]),
    join(target, "PKGBUILD"),
  ];
  const there = written.filter((path) => fileKind(path) !== "none").map((path) => basename(path));
  if (there.length === 0) return;
  throw new DkmsError("file-failed", `${target} already has ${there.join(" and ")}.`, {
    path: target,
    hint: "Write elsewhere with --output DIR, or overwrite with --force.",
  });
}

/** Nobody's in particular, without the history of a checkout, and without the new package itself where it lies in its sources. */
async function pack(made: PackageToWrite, tarball: string): Promise<void> {
  const { sources, target, directory } = made;
  const parent = dirname(sources);
  const own = basename(sources);
  const staging = makeTemporaryDirectory(join(target, ".dkms-pkgbuild-"));
  const partial = join(staging, "sources.tar.gz");
  const words = [
    "-czf",
    partial,
    "-C",
    parent,
    "--uid=0",
    "--gid=0",
    "--uname=",
    "--gname=",
    "--options=gzip:!timestamp",
  ];
  const renamed = own === directory ? [] : [`-s,^${escaped(own)},${escaped(directory)},`];
  const excluded = [".git", ".dkms-pkgbuild-*", ...ownFiles(made)].map((name) => `--exclude=${own}/${name}`);
  try {
    const { status, stderr } = await run(["bsdtar", ...words, ...excluded, ...renamed, "--", own], {
      environment: { LC_ALL: "C.UTF-8" },
    });
    if (status !== 0) {
      const why = stderr.trim().split("\n").at(-1) ?? "";
      throw new DkmsError("file-failed", `The sources in ${sources} cannot be packed: ${why}`, { path: sources });
    }
    rename(partial, tarball);
  } finally {
    removeTree(staging);
  }
}

/** What is written into the sources themselves, relative to them. */
function ownFiles({ sources, target, tarball, conf }: PackageToWrite): readonly string[] {
  const place = realPath(target) ?? target;
  if (place === sources) return [tarball, "PKGBUILD", ...(conf === undefined ? [] : ["dkms.conf"])];
  return place.startsWith(`${sources}/`) ? [place.slice(sources.length + 1)] : [];
}

/** For bsdtar's -s, which takes basic expressions. */
function escaped(text: string): string {
  return text.replaceAll(/[.*[\]^$\\,&~]/g, "\\$&");
}
