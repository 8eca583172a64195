/** Looks into a package that was made before: whether a new one would be the same to pacman. */
import { join } from "node:path";
import { listDirectory } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { lastingInfo } from "./package-metadata.ts";

/** A package in a directory. */
export interface FormerPackage {
  readonly path: string;
  readonly pkgrel: number;
}

interface FormerOrder {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

/** The package of this name and pkgver with the highest pkgrel, if there is one. */
export function formerPackage({ directory, name, version, arch }: FormerOrder): FormerPackage | undefined {
  const prefix = `${name}-${version}-`;
  const suffix = `-${arch}.pkg.tar.zst`;
  const found = listDirectory(directory).flatMap((file) => {
    const pkgrel = file.startsWith(prefix) && file.endsWith(suffix) ? file.slice(prefix.length, -suffix.length) : "";
    return /^[1-9]\d{0,8}$/.test(pkgrel) ? [{ path: join(directory, file), pkgrel: Number(pkgrel) }] : [];
  });
  return found.toSorted((a, b) => b.pkgrel - a.pkgrel)[0];
}

/**
 * Whether two archives are the same to pacman, but for when they were made: every file, directory and link with owner, permissions and content, and every
 * line of `.PKGINFO`. One that cannot be read is another one.
 */
export async function samePackage(one: string, other: string, signal: AbortSignal): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((archive) => whole(archive, signal)));
  return first !== undefined && first === second;
}

async function whole(archive: string, signal: AbortSignal): Promise<string | undefined> {
  const environment = { LC_ALL: "C.UTF-8" };
  const keywords = "!all,type,uid,gid,mode,size,sha256,link,device";
  const listing = await run(["bsdtar", "-cf", "-", "--format=mtree", `--options=${keywords}`, `@${archive}`], {
    environment,
    signal,
    timeoutSeconds: 3600,
  });
  const info = await run(["bsdtar", "-xOf", archive, ".PKGINFO"], { environment, signal, timeoutSeconds: 3600 });
  if (listing.status !== 0 || info.status !== 0) return undefined;
  const lines = listing.stdout.split("\n").filter((line) => !described.test(line));
  return `${lines.join("\n")}\n${lastingInfo(info.stdout)}`;
}

/** Files that tell when a package was made. Theirs must be regular files; pacman takes from them what was compared, or nothing. */
const described = /^\.\/\.(BUILDINFO|MTREE|PKGINFO) .*\btype=file\b/;
