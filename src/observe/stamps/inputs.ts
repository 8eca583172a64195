/** What a pair is built from, as two digests: an index of stats, which costs no reading, and a key of contents, which tells whether a byte changed. */
import { join } from "node:path";
import { digestOfInput, sha256 } from "../../system/files/digests.ts";
import { fileFacts, listTree, readLink, realPath, targetKind } from "../../system/files/files.ts";
import { findProgram } from "../../system/process/processes.ts";
import { statLine, treeIndex } from "../../system/files/stat-index.ts";

/** Digests of everything that a build reads and that can change under us. */
export interface InputDigests {
  /** What lies beyond source and headers and counts as well. */
  readonly beyond: readonly string[];
  /** Changes whenever a file's size, permissions or time changes. */
  readonly index: string;
  /** Changes only when a byte, a name or a permission changes. */
  content(): string;
}

/** Files of a header directory that stand for the whole: every build of a kernel differs in at least one of them. */
const headerFiles = [
  ".config",
  "Makefile",
  "Module.symvers",
  "include/config/auto.conf",
  "include/config/kernel.release",
  "include/generated/autoconf.h",
  "include/generated/compile.h",
  "include/generated/uapi/linux/version.h",
  "include/generated/utsrelease.h",
  "include/generated/utsversion.h",
];

/** Programs that make objects: another compiler makes other objects. */
const toolchain = ["gcc", "clang", "ld", "ld.lld", "make"];

/** A part of the inputs: a name that does not depend on where it lies, and where it lies. */
interface Input {
  readonly name: string;
  readonly path: string;
}

/** Inputs of one kind: how each of the two digests gets its lines. */
interface Group {
  /** The same for the same inputs: what one pair has read another one need not read again. */
  readonly key: string;
  readonly index: () => readonly string[];
  readonly content: () => readonly string[];
}

/** Reads digests of inputs; one reader serves a whole run, so that a source shared by many pairs is read once. */
export class InputReader {
  readonly #indexes = new Map<string, string>();
  readonly #contents = new Map<string, string>();

  /** The digests for one pair; `overrides` are files and directories in /etc/dkms that exist or not, `beyond` those that `inputsBeyond` has found for its build. */
  digests(from: {
    source: string;
    headers: string;
    overrides: readonly string[];
    beyond?: readonly string[];
  }): InputDigests {
    const { beyond = [] } = from;
    const groups = [
      sourceGroup(from.source),
      headersGroup(from.headers),
      overridesGroup(from.overrides),
      toolchainGroup,
      // Without any the digests are those of the days when nobody looked for them.
      ...(beyond.length === 0 ? [] : [beyondGroup(beyond)]),
    ];
    const indexes = groups.map(({ key, index }) => memoised(this.#indexes, key, () => digest(index())));
    return {
      beyond,
      index: digest(indexes),
      content: () => digest(groups.map(({ key, content }) => memoised(this.#contents, key, () => digest(content())))),
    };
  }
}

function sourceGroup(source: string): Group {
  return {
    key: `source ${source}`,
    index: () => treeIndex(realPath(source) ?? source),
    content: () => treeInputs(source).map(contentLine),
  };
}

function headersGroup(headers: string): Group {
  return listed(`headers ${headers}`, () => headerFiles.map((name) => ({ name, path: join(headers, name) })));
}

/** An override that is not there is as if nobody had named it: who knows may leave it out. */
function overridesGroup(paths: readonly string[]): Group {
  const present = (): readonly Input[] =>
    paths.flatMap((path): readonly Input[] => {
      if (targetKind(path) === "directory") {
        return treeInputs(path).map(({ name, path: inner }) => ({ name: `${path}/${name}`, path: inner }));
      }
      return statLine(path) === undefined ? [] : [{ name: path, path }];
    });
  return listed(`overrides ${paths.join(" ")}`, present);
}

/** What was there and is missing is a change as well. */
function beyondGroup(paths: readonly string[]): Group {
  const inputs = (): readonly Input[] =>
    paths.flatMap((path): readonly Input[] =>
      targetKind(path) === "directory"
        ? treeInputs(path).map(({ name, path: inner }) => ({ name: `${path}/${name}`, path: inner }))
        : [{ name: path, path }],
    );
  return listed(`beyond ${paths.join(" ")}`, inputs);
}

const toolchainGroup = listed("toolchain", toolchainInputs);

function listed(key: string, inputs: () => readonly Input[]): Group {
  return {
    key,
    index: () => inputs().map(({ name, path }) => `${name} ${statLine(path) ?? "absent"}`),
    content: () => inputs().map(contentLine),
  };
}

function treeInputs(source: string): readonly Input[] {
  const root = realPath(source) ?? source;
  return listTree(root)
    .filter(({ kind }) => kind === "file" || kind === "link")
    .map(({ path }) => ({ name: path, path: join(root, path) }));
}

/** The programs behind the links, so that a new compiler under the old name is seen. */
function toolchainInputs(): readonly Input[] {
  return toolchain.flatMap((name) => {
    const found = findProgram(name);
    const real = found === undefined ? undefined : realPath(found);
    return real === undefined ? [] : [{ name, path: real }];
  });
}

function contentLine({ name, path }: Input): string {
  const link = readLink(path);
  const content = targetKind(path) === "file" ? digestOfInput(path) : "absent";
  return link === undefined ? `${name} ${fileFacts(path)?.mode ?? 0} ${content}` : `${name} -> ${link} ${content}`;
}

function digest(lines: readonly string[]): string {
  return sha256(lines.join("\n"));
}

function memoised(memo: Map<string, string>, key: string, make: () => string): string {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const made = make();
  memo.set(key, made);
  return made;
}
