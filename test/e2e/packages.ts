/** Hand-made pacman packages. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, contentKey } from "./cache.ts";
import { need } from "./command.ts";

/** What a package has at a path: text (mode 0644), text with a mode, a symbolic link, or an empty folder. */
export type PackageFile =
  | string
  | { readonly text: string; readonly mode: number }
  | { readonly link: string }
  | { readonly folder: true };

export interface PackageSpec {
  readonly name: string;
  /** `[epoch:]pkgver-pkgrel`. */
  readonly version: string;
  /** By path, without a leading slash; folders on the way come by themselves. */
  readonly files?: Readonly<Record<string, PackageFile>>;
  /** Adds files to the package's root folder by other means; `key` must say all that its result depends on. */
  readonly fill?: { readonly key: string; readonly into: (root: string) => Promise<void> };
  readonly depends?: readonly string[];
  readonly optdepends?: readonly string[];
  readonly provides?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly replaces?: readonly string[];
  readonly backup?: readonly string[];
  /** The text of an install scriptlet. */
  readonly install?: string;
}

/** Makes the archive of a package (or finds it in the cache) and gives its path. Format: PKGINFO(5), alpm-package(7). */
export async function makePackage(spec: PackageSpec): Promise<string> {
  const file = `${spec.name}-${spec.version}-any.pkg.tar.zst`;
  const folder = await cached(`packages/${contentKey([recipes, spec, spec.fill?.key])}`, async (making) => {
    const root = join(making, "root");
    mkdirSync(root);
    for (const [path, content] of Object.entries(spec.files ?? {})) writeEntry(join(root, path), content);
    await spec.fill?.into(root);
    const contents = readdirSync(root).toSorted();
    writeFileSync(join(root, ".PKGINFO"), packageInfo(spec));
    if (spec.install !== undefined) writeFileSync(join(root, ".INSTALL"), spec.install);
    const metadata = [".PKGINFO", ...(spec.install === undefined ? [] : [".INSTALL"])];
    // As makepkg does, but for the digests.
    const listing = ["--format", "mtree", "--options", "!all,use-set,type,uid,gid,mode,time,size,link"];
    await need(["bsdtar", "-czf", join(making, "mtree"), ...listing, "-C", root, ...metadata, ...contents]);
    renameSync(join(making, "mtree"), join(root, ".MTREE"));
    metadata.push(".MTREE");
    // The quickest compression: these archives are read once or twice.
    const options = ["--zstd", "--options", "zstd:compression-level=1", "--uid", "0", "--gid", "0"];
    await need(["bsdtar", "-cf", join(making, file), ...options, "-C", root, ...metadata, ...contents]);
    await need(["rm", "-rf", root]);
  });
  return join(folder, file);
}

/** The code that makes packages counts as their content, so that an archive made by an older version of it is not found. */
export const recipes = ["packages.ts", "kernel-packages.ts", "compiler-answers.ts", "module-packages.ts"].map((file) =>
  readFileSync(join(import.meta.dirname, file), "utf8"),
);

function writeEntry(path: string, content: PackageFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string") writeFileSync(path, content);
  else if ("link" in content) symlinkSync(content.link, path);
  else if ("folder" in content) mkdirSync(path, { recursive: true });
  else {
    writeFileSync(path, content.text);
    chmodSync(path, content.mode);
  }
}

/** The text of .PKGINFO: `key = value` lines, lists as repeated keys. */
function packageInfo(spec: PackageSpec): string {
  const lines = [
    `pkgname = ${spec.name}`,
    `pkgbase = ${spec.name}`,
    `pkgver = ${spec.version}`,
    `pkgdesc = ${spec.name} for tests`,
    "builddate = 1700000000",
    "packager = tests",
    "size = 0",
    "arch = any",
  ];
  const lists = [
    ["depend", spec.depends],
    ["optdepend", spec.optdepends],
    ["provides", spec.provides],
    ["conflict", spec.conflicts],
    ["replaces", spec.replaces],
    ["backup", spec.backup],
  ] as const;
  for (const [key, values] of lists) for (const value of values ?? []) lines.push(`${key} = ${value}`);
  return `${lines.join("\n")}\n`;
}
