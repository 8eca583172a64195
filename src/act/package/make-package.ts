/** Makes a pacman package of the compiled, signed objects of a module, by makepkg. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { Event } from "../../model/run/outcome.ts";
import { moduleText, type ModuleId, type Pair } from "../../model/pair.ts";
import { projectName } from "../../model/project.ts";
import { replaceDurably, syncDirectory } from "../../system/files/durable-files.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  setMode,
  writeAtomically,
} from "../../system/files/file-changes.ts";
import { listDirectory } from "../../system/files/files.ts";
import { findProgram, run, type RunResult } from "../../system/process/processes.ts";
import type { BuildUser } from "./build-user.ts";
import { checkContents, formerPackage } from "./former-package.ts";
import { gatherPackage, type Gathered } from "./gather-package.ts";
import { makepkgConf, pkgbuildText } from "./pkgbuild-text.ts";

/** What to pack, where to, and as whom. */
export interface PackageOrder {
  readonly layout: Layout;
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly arch: string;
    readonly module: ModuleId;
    readonly pairs: readonly Pair[];
  };
  /** Where the package appears. */
  readonly destination: string;
  /** Runs makepkg. */
  readonly user: BuildUser;
  /** Where the contents are gathered, `tmp_location`. */
  readonly temporary: string;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the package and returns its path. One that is there already with the same contents stays; with others the new one has a higher pkgrel. Throws `object-missing`
 * for a pair that is not built, `tool-missing`, `file-failed` (makepkg failed, or its package is not what it was given) and `interrupted`.
 */
export async function makePackage(order: PackageOrder): Promise<string> {
  for (const [program, brought] of tools) {
    if (findProgram(program) === undefined)
      throw new DkmsError("tool-missing", `${program} is needed to make packages.`, { hint: `Install ${brought}.` });
  }
  const { layout, destination, signal } = order;
  const { name, version, arch, pairs } = order.package;
  makeDirectory(destination);
  const room = makeTemporaryDirectory(join(order.temporary, "dkms-package."));
  try {
    // Everybody may read what is packed; nobody but root may change it.
    setMode(room, 0o755);
    const root = join(room, "root");
    const gathered = await gatherPackage({ layout, name, pairs, root });
    const former = await formerPackage({ directory: destination, name, version, arch, signal });
    if (former !== undefined && isSame(former.notes, gathered.notes)) {
      order.tell({ kind: "note", level: "message", text: `${former.path} is what would be made: it stays.` });
      return former.path;
    }
    const pkgrel = (former?.pkgrel ?? 0) + 1;
    const made = await makepkg(order, { room, pkgrel, gathered });
    const path = join(destination, `${name}-${version}-${pkgrel}-${arch}.pkg.tar.zst`);
    // The user may have put a link in its place: until the contents are known, nobody else reads the copy.
    const vault = join(room, "vault");
    makeDirectory(vault);
    setMode(vault, 0o700);
    const copy = join(vault, "package.pkg.tar.zst");
    replaceDurably(made, copy, 0o644);
    await checkContents({ archive: copy, root, room, signal });
    replaceDurably(copy, path, 0o644);
    syncDirectory(destination);
    return path;
  } finally {
    removeTree(room);
  }
}

const tools: readonly (readonly [program: string, brought: string])[] = [
  ["makepkg", "the package that brings it: pacman"],
  ["fakeroot", "the package fakeroot, or base-devel"],
  ["bsdtar", "the package libarchive"],
];

/** Has the user make the package; it may write to one directory of the room. */
async function makepkg(
  order: PackageOrder,
  { room, pkgrel, gathered }: { readonly room: string; readonly pkgrel: number; readonly gathered: Gathered },
): Promise<string> {
  const { name, version, arch, module, pairs } = order.package;
  const { user, signal } = order;
  const releases = pairs.map(({ kernel }) => kernel.release).join(", ");
  const by = gathered.compilers.length === 0 ? "" : ` (${gathered.compilers.join(", ")})`;
  const description = `${moduleText(module)} for ${releases}, built by ${projectName}${by}`;
  writeAtomically(join(room, "PKGBUILD"), pkgbuildText({ name, version, pkgrel, arch, description }));
  writeAtomically(join(room, "makepkg.conf"), makepkgConf(arch));
  const work = join(room, "work");
  makeDirectory(work);
  succeed(order, await run(["chown", `${user.uid}:${user.gid}`, "--", work], { signal }), "chown failed");
  const places = ["BUILDDIR", "PKGDEST", "SRCDEST", "SRCPKGDEST", "LOGDEST", "HOME"] as const;
  const result = await run(
    [
      "setpriv",
      ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--no-new-privs", "--"],
      ...["makepkg", "--config", join(room, "makepkg.conf"), "--nodeps", "--noconfirm", "--nocolor", "--nosign"],
    ],
    {
      cwd: room,
      environment: { LC_ALL: "C.UTF-8", TMPDIR: work, ...Object.fromEntries(places.map((place) => [place, work])) },
      signal,
      timeoutSeconds: 3600,
    },
  );
  succeed(order, result, `makepkg, run as ${user.name}, could not make ${name}`);
  const made = listDirectory(work).find((file) => file.startsWith(`${name}-`) && file.endsWith(".pkg.tar.zst"));
  if (made !== undefined) return join(work, made);
  throw new DkmsError("file-failed", `makepkg, run as ${user.name}, left no package.`, { path: work });
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}

function succeed({ signal }: PackageOrder, { status, stdout, stderr }: RunResult, failure: string): void {
  if (signal.aborted) throw new DkmsError("interrupted", "Making the package was interrupted.");
  if (status === 0) return;
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
  throw new DkmsError("file-failed", `${failure} (status ${status}).`, { excerpt: lines.slice(-5) });
}
