/** Looks into packages of ready-made modules: what was made before, and whether makepkg has packed what it was given. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout } from "../../model/machine/layout.ts";
import { supplyLocation } from "../../model/packaging/supply.ts";
import { makeDirectory } from "../../system/files/file-changes.ts";
import { listDirectory, listTree, sameContent } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** A package in a directory. */
export interface FormerPackage {
  readonly path: string;
  readonly pkgrel: number;
  /** Texts of its notes by their paths. */
  readonly notes: ReadonlyMap<string, string>;
}

interface FormerOrder {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly signal: AbortSignal;
}

/** The package of this name and pkgver with the highest pkgrel, if there is one. */
export async function formerPackage({
  directory,
  name,
  version,
  arch,
  signal,
}: FormerOrder): Promise<FormerPackage | undefined> {
  const prefix = `${name}-${version}-`;
  const suffix = `-${arch}.pkg.tar.zst`;
  const found = listDirectory(directory).flatMap((file) => {
    const pkgrel = file.startsWith(prefix) && file.endsWith(suffix) ? file.slice(prefix.length, -suffix.length) : "";
    return /^[1-9]\d{0,8}$/.test(pkgrel) ? [{ path: join(directory, file), pkgrel: Number(pkgrel) }] : [];
  });
  const newest = found.toSorted((a, b) => b.pkgrel - a.pkgrel)[0];
  return newest === undefined ? undefined : { ...newest, notes: await readNotes(newest.path, signal) };
}

/** Where notes lie in a package: `usr/lib/modules/K/updates/dkms-pkg/M.json`. */
const notePattern = new RegExp(`^${defaultLayout.installTree.slice(1)}/[^/]+/${supplyLocation}/[^/]+\\.json$`);

/** None for an archive that cannot be read: it is replaced by a newer one. */
async function readNotes(archive: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const listing = await run(["bsdtar", "-tf", archive], { environment: locale, signal });
  const notes = new Map<string, string>();
  for (const path of listing.stdout.split("\n").filter((line) => notePattern.test(line))) {
    // An operand of bsdtar is a pattern.
    const pattern = path.replace(/[\\*?[\]]/g, "\\$&");
    const { status, stdout } = await run(["bsdtar", "-xOf", archive, pattern], { environment: locale, signal });
    if (status === 0) notes.set(path, stdout);
  }
  return notes;
}

const locale = { LC_ALL: "C.UTF-8" } as const;

/** What makepkg writes about a package. */
const metadata: ReadonlySet<string> = new Set([".BUILDINFO", ".MTREE", ".PKGINFO"]);

interface CheckOrder {
  readonly archive: string;
  /** What was to be packed. */
  readonly root: string;
  readonly room: string;
  readonly signal: AbortSignal;
}

/** Compares an archive with what was to be packed: the user who ran makepkg may be everybody's. Throws `file-failed`. */
export async function checkContents({ archive, root, room, signal }: CheckOrder): Promise<void> {
  const unpacked = join(room, "unpacked");
  makeDirectory(unpacked);
  const { status } = await run(["bsdtar", "-xf", archive, "-C", unpacked], { environment: locale, signal });
  const found = listTree(unpacked).filter(({ path }) => !metadata.has(path));
  const wanted = listTree(root);
  const isSame =
    status === 0 &&
    found.length === wanted.length &&
    wanted.every(({ path, kind }, index) => {
      const other = found[index];
      if (other?.path !== path || other.kind !== kind) return false;
      return kind !== "file" || sameContent(join(unpacked, path), join(root, path));
    });
  if (isSame) return;
  throw new DkmsError("file-failed", "The package that makepkg has made does not hold what it was given.", {
    hint: "Somebody else works as the same user: name one of your own with --build-user.",
  });
}
