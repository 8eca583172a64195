/** What a build of a pair sees: the general view, and its own tree laid out at the paths that confs and scripts know. */
import { dirname } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import {
  buildDirectory,
  defaultLayout,
  kernelDirectory,
  moduleDirectory,
  packageDirectory,
  resultDirectory,
  sourceLink,
} from "../../model/machine/layout.ts";
import { moduleName, nameFault } from "../../model/names.ts";
import type { Pair } from "../../model/pair.ts";
import { isSameFile, listEntries, readLink } from "../../system/files/files.ts";
import { placeOf } from "../../system/files/other-machine.ts";
import type { Place, View } from "../../system/sandbox/view.ts";
import { withoutLlvmPlugin } from "./binutils-plugins.ts";
import type { BuildInput } from "../compile/input.ts";
import type { SandboxSettings } from "../../model/settings/sandbox-settings.ts";

/** The pair, and where its private directories really are. */
export interface PairSandbox {
  readonly layout: Layout;
  readonly pair: Pair;
  readonly settings: SandboxSettings;
  /** Whether clang has built the kernel. */
  readonly llvm: BuildInput["facts"]["llvm"];
  /** Source, headers, and what conf, command line and settings name. */
  readonly readable: readonly string[];
  /** Names of BUILD_DEPENDS, whose sources and results can be read. */
  readonly dependencies: readonly string[];
  readonly build: string;
  readonly staged: string;
  readonly temporary: string;
  readonly log: string;
}

/** The view of one command of a build; `directory` is where it begins. */
export function buildView(sandbox: PairSandbox, directory: string): View {
  const { layout, pair, settings } = sandbox;
  const root = settings.root === "/" ? "" : settings.root;
  const { name } = pair.module;
  return {
    root: settings.root,
    readable: [
      kernelDirectory(layout, pair.kernel.release),
      ...listEntries(`${root}${layout.overrides}`)
        .filter(
          (entry) => entry.name === name || entry.name.startsWith(`${name}.conf`) || entry.name.startsWith(`${name}-`),
        )
        .map((entry) => `${layout.overrides}/${entry.name}`),
      ...sandbox.dependencies
        .filter((dependency) => nameFault(dependency) === undefined)
        .map((dependency) => packageDirectory(layout, moduleName(dependency))),
      ...sandbox.readable,
      ...settings.readable,
    ],
    writable: settings.writable,
    places: [...(sandbox.llvm ? [] : withoutLlvmPlugin(root)), ...usualName(layout), ...ownTree(sandbox)],
    hidden: [`${layout.dkmsTree}/mok.key`, ...settings.hidden],
    network: settings.network === "yes",
    temporary: placeOf(sandbox.temporary),
    directory,
  };
}

/** Scripts know the tree by its usual name as well, which may be a link on the machine. */
function usualName({ dkmsTree }: Layout): readonly Place[] {
  const { dkmsTree: usual } = defaultLayout;
  return dkmsTree !== usual && isSameFile(dkmsTree, usual) ? [{ kind: "link", from: dkmsTree, at: usual }] : [];
}

/**
 * `<dkms_tree>/M/V` with the link to the source, other results that can be read, and `build` and `K/A` that are the private ones of this build. All of it
 * is laid out anew, as mount points cannot be made in a tree that can only be read.
 */
function ownTree(sandbox: PairSandbox): readonly Place[] {
  const { layout, pair } = sandbox;
  const tree = moduleDirectory(layout, pair.module);
  const link = sourceLink(layout, pair.module);
  const text = readLink(link);
  const build = buildDirectory(layout, pair.module);
  const result = resultDirectory(layout, pair);
  return [
    { kind: "empty", from: "", at: tree },
    ...(text === undefined ? [] : [{ kind: "link", from: text, at: link } as const]),
    ...otherResults(tree, [build, dirname(result)]),
    ...otherResults(dirname(result), [result]),
    { kind: "write", from: placeOf(sandbox.build), at: build },
    // Scripts may read the log but not replace it.
    { kind: "read", from: placeOf(sandbox.log), at: `${build}/make.log` },
    { kind: "write", from: placeOf(sandbox.staged), at: result },
  ];
}

/** Results of the module for other kernels and architectures. */
function otherResults(directory: string, except: readonly string[]): readonly Place[] {
  return listEntries(directory)
    .map(({ name, kind }) => ({ at: `${directory}/${name}`, kind, isHidden: name.startsWith(".") }))
    .filter(({ at, kind, isHidden }) => kind === "directory" && !isHidden && !except.includes(at))
    .map(({ at }) => ({ kind: "read", from: placeOf(at), at }));
}
