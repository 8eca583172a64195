/** What a build was told to use and lies outside of what every build sees: it is shown again, read-only, where it is. */
import { dirname, join } from "node:path";
import type { Directives } from "../../model/conf/directives.ts";
import { readText } from "../../system/files/content.ts";
import { listEntries, listTree, readLink, targetKind } from "../../system/files/files.ts";
import { isHarmless, isPlace, isPublic, pathsIn, publicFilesIn } from "../../system/sandbox/named-files.ts";
import { wayOf } from "../../system/sandbox/places.ts";

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
  readonly options: { readonly directives: readonly string[] };
}

/**
 * Paths that the administrator names (command line, `build_environment`) count whatever they are. Files that a package names count where every user may read them
 * anyway. Links in the source and trees that headers include count as well, unless packages bring them that are not installed yet.
 */
export function namedPaths(texts: NamingTexts): readonly string[] {
  const { root, headers, source, directives } = texts;
  const below = root === "/" ? "" : root;
  const trusted = pathsIn([...texts.options.directives, ...Object.values(texts.variables)]).filter(isPlace);
  const scripts = Object.values(directives.scripts).map((script) => `${script.path} ${script.words}`);
  const conf = readText(`${below}${texts.conf}`) ?? "";
  const byPackage = publicFilesIn(below, [conf, directives.make ?? "", ...scripts]);
  const byMachine = [...treesOfHeaders(below, headers), ...linksOf(below, source)].filter((path) =>
    below === "" ? isHarmless(path) && isHarmless(wayOf("", path)?.real ?? "/") : isPublic(below, path),
  );
  return [...new Set([...trusted, ...byPackage, ...byMachine])];
}

/** Trees that headers are made of: the sources that they lie beside, and what their Makefile includes or names. */
function treesOfHeaders(root: string, headers: string): readonly string[] {
  const makefile = `${root}${headers}/Makefile`;
  const text = targetKind(makefile) === "file" ? (readText(makefile) ?? "") : "";
  // Kbuild writes `include TREE/Makefile` for `make O=`; TREE is what is needed.
  const included = [...text.matchAll(/^[ \t]*-?s?include[ \t]+(\/\S+)/gm)].map(([, path = ""]) => dirname(path));
  const set = [
    ...text.matchAll(/^[ \t]*(?:export[ \t]+)?(?:KBUILD_OUTPUT|abs_srctree|srctree|VPATH)[ \t]*:?=[ \t]*(\/\S+)/gm),
  ].map(([, path = ""]) => path);
  const trees = [join(dirname(headers), "source"), `${headers}/source`, ...included, ...set].filter(
    (path) => targetKind(`${root}${path}`) === "directory",
  );
  // Debian's are joined by links: `scripts` of one tree lies in another.
  const joined = [headers, ...trees].flatMap((tree) =>
    listEntries(`${root}${tree}`).flatMap(({ name, kind }) => (kind === "link" ? [`${tree}/${name}`] : [])),
  );
  return [...trees, ...joined];
}

/** Where absolute links in the source lead to. */
function linksOf(root: string, source: string): readonly string[] {
  return listTree(`${root}${source}`)
    .filter(({ kind }) => kind === "link")
    .map(({ path }) => readLink(`${root}${source}/${path}`) ?? "")
    .filter((target) => target.startsWith("/"));
}
