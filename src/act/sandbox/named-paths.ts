/** What a build was told to use and lies outside of what every build sees: it is shown again, read-only, where it is. */
import { basename, dirname, join } from "node:path";
import type { Directives } from "../../model/conf/directives.ts";
import { listTree, readLink, readText, targetKind } from "../../system/files/files.ts";
import { isReadableByAll, Reach, wayOf } from "../../system/sandbox/places.ts";

/** Where names can stand. */
export interface NamingTexts {
  /** The module's source directory. */
  readonly source: string;
  readonly headers: string;
  /** Path of the dkms.conf. */
  readonly conf: string;
  readonly directives: Pick<Directives, "make" | "scripts">;
  /** What the administrator's `build_environment` exports. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the build sees as `/`. */
  readonly root: string;
  readonly manner: { readonly directives: readonly string[] };
}

/**
 * Paths that the administrator names (command line, `build_environment`) count whatever they are. Files that a package names count where every user may read them
 * anyway. Links in the source and trees that headers include count as well, unless packages bring them that are not installed yet.
 */
export function namedPaths(texts: NamingTexts): readonly string[] {
  const { root, headers, source, directives } = texts;
  const below = root === "/" ? "" : root;
  const trusted = pathsIn([...texts.manner.directives, ...Object.values(texts.variables)]).filter(isPlace);
  const scripts = Object.values(directives.scripts).map((script) => `${script.path} ${script.words}`);
  const conf = readText(`${below}${texts.conf}`) ?? "";
  const reach = new Reach();
  // Files alone: a directory could hold the socket of a service.
  const byPackage = pathsIn([conf, directives.make ?? "", ...scripts]).filter(
    (path) => targetKind(`${below}${path}`) === "file" && isPublic(below, path, reach),
  );
  const byMachine = [...treesOfHeaders(below, headers), ...linksOf(below, source)].filter((path) =>
    below === "" ? isHarmless(path) : isPublic(below, path, reach),
  );
  return [...new Set([...trusted, ...byPackage, ...byMachine])];
}

/** Absolute paths in texts of shells and makefiles, as far as they can be read off. */
function pathsIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/(?<![\w./$})-])\/[\w@%+.,-]+(?:\/[\w@%+.,-]*)*/g)].map(([path]) => path),
  );
}

/** Trees that headers are made of: the sources that they lie beside, and what their Makefile includes or names. */
function treesOfHeaders(root: string, headers: string): readonly string[] {
  const makefile = `${root}${headers}/Makefile`;
  const text = targetKind(makefile) === "file" ? (readText(makefile) ?? "") : "";
  // Kbuild writes `include TREE/Makefile` for `make O=`; TREE is what is needed.
  const included = [...text.matchAll(/^\s*-?s?include\s+(\/\S+)/gm)].map(([, path = ""]) => dirname(path));
  const set = [...text.matchAll(/^\s*(?:export\s+)?(?:KBUILD_OUTPUT|abs_srctree|srctree|VPATH)\s*:?=\s*(\/\S+)/gm)].map(
    ([, path = ""]) => path,
  );
  return [join(dirname(headers), "source"), `${headers}/source`, ...included, ...set].filter(
    (path) => targetKind(`${root}${path}`) === "directory",
  );
}

/** Where absolute links in the source lead to. */
function linksOf(root: string, source: string): readonly string[] {
  return listTree(`${root}${source}`)
    .filter(({ kind }) => kind === "link")
    .map(({ path }) => readLink(`${root}${source}/${path}`) ?? "")
    .filter((target) => target.startsWith("/"));
}

/** Never shown for a name alone: what the kernel makes up, and doors of services. */
const madeUp = /^\/(proc|sys|dev|run|var\/run)(\/|$)/;
/** Too much for one name. */
const wide = /^\/([^/]+|home\/[^/]+|var\/[^/]+|usr\/local|boot\/.*)?\/?$/;
/** Private by custom: keys and settings of a user are in directories with a dot. */
const dotted = /^\/(root|home\/[^/]+)\/(.*\/)?\./;

function isPlace(path: string): boolean {
  return !madeUp.test(path) && path.replace(/\/+$/, "") !== "";
}

function isHarmless(path: string): boolean {
  return !madeUp.test(path) && !wide.test(path) && !dotted.test(path) && !path.split("/").includes("..");
}

/** Files and directories that every user of the machine can read. */
function isPublic(root: string, path: string, reach: Reach): boolean {
  if (!isHarmless(path)) return false;
  const real = wayOf(root, path)?.real;
  if (real === undefined || !isHarmless(real) || basename(real) === "") return false;
  return reach.isOpen(`${root}${real}`) && isReadableByAll(`${root}${real}`);
}
