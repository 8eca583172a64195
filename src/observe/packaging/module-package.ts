/** Reads what a packager hands over: a directory, a PKGBUILD, or a built package. Nothing of it is run but in the sandbox, and no link is followed. */
import { basename, dirname, join } from "node:path";
import { parsePackageInfo } from "../../alpm/pkginfo.ts";
import { DkmsError } from "../../model/errors.ts";
import type {
  Description,
  ModulePackage,
  ModuleSource,
  NamedText,
  PackageFacts,
} from "../../model/packaging/module-package.ts";
import { printDependency } from "../../alpm/dependency.ts";
import { openTemporary } from "../../system/temporary.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listEntries, targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { readModuleSource } from "./module-source.ts";
import { readPkgbuild } from "./pkgbuild.ts";

/** Reads a package; throws `source-missing` for a path with nothing that could be one, `archive-invalid` for a file that is no package. */
export async function readModulePackage(path: string): Promise<ModulePackage> {
  switch (targetKind(path)) {
    case "directory":
      return readDirectory(path);
    case "file":
      return basename(path) === "PKGBUILD" ? readRecipe(dirname(path), path) : readArchive(path);
    default:
      throw new DkmsError("source-missing", `${path} does not exist.`);
  }
}

async function readDirectory(directory: string): Promise<ModulePackage> {
  const recipe = join(directory, "PKGBUILD");
  if (fileKind(recipe) === "file") return readRecipe(directory, recipe);
  const source = await readModuleSource(directory, directory);
  if (source.conf === undefined && source.makefiles.length === 0) {
    throw new DkmsError("source-missing", `${directory} holds neither a PKGBUILD nor a dkms.conf nor a makefile.`);
  }
  const folder = dirname(directory) === "/usr/src" ? basename(directory) : undefined;
  return { path: directory, description: undefined, scriptlets: [], files: [], sources: [{ ...source, folder }] };
}

async function readRecipe(directory: string, path: string): Promise<ModulePackage> {
  const file = namedText(path) ?? { path, text: "" };
  const facts = await readPkgbuild(path, file.text);
  const source = await readModuleSource(directory, directory);
  const scriptlets = listEntries(directory).flatMap(({ name, kind }) =>
    kind === "file" && name.endsWith(".install") ? (namedText(join(directory, name)) ?? []) : [],
  );
  const sources = source.conf === undefined ? [] : [{ ...source, folder: undefined }];
  return { path, description: { kind: "recipe", file, facts }, scriptlets, files: [], sources };
}

/** What of a package is looked at. */
const members = /^(\.PKGINFO|\.INSTALL|usr\/src\/[^/]+\/(dkms\.conf|[Mm]akefile|GNUmakefile|Kbuild))$/;

/** No member that is looked at is longer, in bytes. */
const longest = 16 * 1024 ** 2;

async function readArchive(path: string): Promise<ModulePackage> {
  const options = { environment: { LC_ALL: "C.UTF-8" }, timeoutSeconds: 120 };
  const listing = await run(["bsdtar", "-tf", path], options);
  const names = listing.stdout.split("\n").map((name) => name.replace(/^\.\//, ""));
  if (listing.status !== 0 || !names.includes(".PKGINFO")) {
    throw new DkmsError("archive-invalid", `${path} is no package of pacman's.`, {
      hint: "makepkg writes packages: NAME-VERSION-ARCH.pkg.tar.zst",
    });
  }
  const temporary = openTemporary("/tmp/dkms-pkgbuild-");
  const place = temporary.path;
  try {
    // For bsdtar the names are patterns.
    const included = names.filter((name) => members.test(name)).map((name) => name.replaceAll(/[*?[\]\\]/g, "\\$&"));
    const extraction = ["-xf", path, "-C", place, "--no-same-owner", "--no-same-permissions", "--", ...included];
    const { status, stderr } = await run(["prlimit", `--fsize=${longest}`, "bsdtar", ...extraction], options);
    if (status !== 0)
      throw new DkmsError("archive-invalid", `${path} cannot be read: ${stderr.split("\n", 1)[0] ?? ""}`);
    const shown = (file: string): NamedText | undefined => namedText(join(place, file), `${path}:${file}`);
    return {
      path,
      description: describe(shown(".PKGINFO") ?? { path, text: "" }),
      scriptlets: [shown(".INSTALL") ?? []].flat(),
      files: names.filter((name) => name !== "" && !name.endsWith("/") && !/^\.[A-Z]+$/.test(name)),
      sources: await readFolders(place, path),
    };
  } finally {
    temporary.remove();
  }
}

function describe(file: NamedText): Description {
  return { kind: "package", file, facts: packageFacts(file.text) };
}

function packageFacts(text: string): PackageFacts | string {
  try {
    const { name, version, depends, values } = parsePackageInfo(text);
    return {
      names: [name],
      version: version.replace(/^\d+:/, "").replace(/-[^-]*$/, ""),
      depends: depends.map(printDependency),
      makeDepends: values("makedepend"),
    };
  } catch (error) {
    return error instanceof DkmsError ? error.message : String(error);
  }
}

/** Links are not followed, as they could lead out of the package. */
async function readFolders(root: string, path: string): Promise<readonly ModuleSource[]> {
  const sources = join(root, "usr/src");
  if (fileKind(join(root, "usr")) !== "directory" || fileKind(sources) !== "directory") return [];
  const found: ModuleSource[] = [];
  for (const { name, kind } of listEntries(sources)) {
    if (kind !== "directory") continue;
    const source = await readModuleSource(join(sources, name), `${path}:usr/src/${name}`);
    found.push({ ...source, folder: name });
  }
  return found;
}

function namedText(path: string, shown: string = path): NamedText | undefined {
  return fileKind(path) === "file" ? { path: shown, text: readText(path) ?? "" } : undefined;
}
