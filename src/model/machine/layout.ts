/** Where things lie on the machine: the trees that options and framework.conf may move, and every path below them. */
import type { KernelId, ModuleId, Pair } from "../pair.ts";

/** The roots of all paths that the program reads or writes; absolute, without a slash at their end. */
export interface Layout {
  /** Registered modules, `/var/lib/dkms`. */
  readonly dkmsTree: string;
  /** Module sources, `/usr/src`. */
  readonly sourceTree: string;
  /** Kernels, `/usr/lib/modules`. */
  readonly installTree: string;
  /** What administrators override, `/etc/dkms`. */
  readonly overrides: string;
  /** Journal, stamps, kept copies and private build directories of our own, `/var/lib/dkms-alpm`. */
  readonly state: string;
  /** Reports of transactions and the last check, `/var/lib/dkms-alpm`: notifications are shown when something in it changes. */
  readonly watched: string;
  /** One log of the last build of every pair, `/var/log/dkms-alpm`. */
  readonly logs: string;
  /** Results kept by content, `/var/cache/dkms-alpm`. */
  readonly cache: string;
  /** What lasts until the next boot, `/run/dkms-alpm`. */
  readonly run: string;
}

/** Where a distribution without settings has everything. */
export const defaultLayout: Layout = {
  dkmsTree: "/var/lib/dkms",
  sourceTree: "/usr/src",
  installTree: "/usr/lib/modules",
  overrides: "/etc/dkms",
  state: "/var/lib/dkms-alpm",
  watched: "/var/lib/dkms-alpm",
  logs: "/var/log/dkms-alpm",
  cache: "/var/cache/dkms-alpm",
  run: "/run/dkms-alpm",
};

/**
 * The layout with some trees moved. A tree of one's own brings its state along (`<tree>/.dkms-alpm`, which the reference does not see),
 * so that two trees on one machine never share a journal. `usualTree` is the path of the default tree, which may be another one where that is a link.
 */
export function movedLayout(
  trees: Partial<Pick<Layout, "dkmsTree" | "sourceTree" | "installTree">>,
  usualTree = defaultLayout.dkmsTree,
): Layout {
  const layout = { ...defaultLayout, ...trees };
  if (layout.dkmsTree === usualTree) return layout;
  const own = `${layout.dkmsTree}/.dkms-alpm`;
  return { ...layout, state: own, watched: own, logs: `${own}/log`, cache: `${own}/cache`, run: `${own}/run` };
}

/** The lock of a tree. It lies in the tree itself, so that every name of the tree leads to the same lock; the reference does not see it. */
export const treeLock = (layout: Layout): string => `${layout.dkmsTree}/.dkms-alpm.lock`;
/** The lock of tests before a transaction, which all work in the default layout's cache. */
export const guardLock = (layout: Pick<Layout, "cache">): string => `${layout.cache}/guard.lock`;
/** `<dkms_tree>/M` */
export const packageDirectory = (layout: Layout, name: string): string => `${layout.dkmsTree}/${name}`;
/** `<dkms_tree>/M/V` */
export const moduleDirectory = (layout: Layout, module: ModuleId): string =>
  `${layout.dkmsTree}/${module.name}/${module.version}`;
/** `<dkms_tree>/M/V/source`, the link to the module's source. */
export const sourceLink = (layout: Layout, module: ModuleId): string => `${moduleDirectory(layout, module)}/source`;
/** `<dkms_tree>/M/V/build`, where every conf expects its build to happen. */
export const buildDirectory = (layout: Layout, module: ModuleId): string => `${moduleDirectory(layout, module)}/build`;
/** Directories of `<dkms_tree>/M/V` that are no kernels and hold no results. */
export const entryDirectories: ReadonlySet<string> = new Set([
  "build",
  "source",
  "tarball",
  "driver_disk",
  "rpm",
  "deb",
]);
/** `<dkms_tree>/M/V/K/A`, the result of a build. */
export const resultDirectory = (layout: Layout, pair: Pair): string =>
  `${moduleDirectory(layout, pair.module)}/${pair.kernel.release}/${pair.kernel.arch}`;
/** `<dkms_tree>/M/kernel-K-A`, the link to the active version. */
export const activeLink = (layout: Layout, name: string, kernel: KernelId): string =>
  `${packageDirectory(layout, name)}/kernel-${kernel.release}-${kernel.arch}`;
/** `V/K/A`, what that link says. */
export const activeLinkText = (pair: Pair): string =>
  `${pair.module.version}/${pair.kernel.release}/${pair.kernel.arch}`;
/** `<dkms_tree>/M/original_module`, modules that were there before ours, by kernels. */
export const originalsDirectory = (layout: Layout, name: string): string =>
  `${packageDirectory(layout, name)}/original_module`;
/** `<dkms_tree>/M/original_module/K/A`, those of one kernel. */
export const originalDirectory = (layout: Layout, name: string, kernel: KernelId): string =>
  `${originalsDirectory(layout, name)}/${kernel.release}/${kernel.arch}`;
/** `<source_tree>/M-V` */
export const defaultSource = (layout: Layout, module: ModuleId): string =>
  `${layout.sourceTree}/${module.name}-${module.version}`;
/** `<install_tree>/K` */
export const kernelDirectory = (layout: Layout, release: string): string => `${layout.installTree}/${release}`;
/** The log of a pair's last build, kept whatever its outcome. */
export const pairLog = (layout: Layout, pair: Pair): string =>
  `${layout.logs}/${pair.module.name}-${pair.module.version}-${pair.kernel.release}-${pair.kernel.arch}.log`;
/** The stamp of a pair: what it was built from. */
export const stampFile = (layout: Layout, pair: Pair): string =>
  `${layout.state}/stamps/${pair.module.name}/${pair.module.version}/${pair.kernel.release}/${pair.kernel.arch}.json`;
/** Copies of the conf and scripts of an installed module, for the day when its source is removed. */
export const keptDirectory = (layout: Layout, module: ModuleId): string =>
  `${layout.state}/kept/${module.name}/${module.version}`;
/** Where builds have their private directories; what a killed run has left there is cleared by the next one. */
export const buildPlace = (layout: Layout): string => `${layout.state}/build`;
/** Targets of hooks that have not come to their end. */
export const targetsDirectory = (layout: Layout): string => `${layout.state}/targets`;
/** Directories of our own in which a killed run may have left a file that it was writing. */
export const unfinishedPlaces = (layout: Layout): readonly string[] => [
  layout.state,
  targetsDirectory(layout),
  layout.logs,
  layout.run,
  reportsDirectory(layout),
];
/** Reports of the last transactions, a file each, named by the time at which it was begun. */
export const reportsDirectory = (layout: Layout): string => `${layout.watched}/reports`;
/** Digests of the programs that make objects, each with what tells whether it is still the same file. */
export const programDigestsFile = (layout: Layout): string => `${layout.run}/program-digests`;
/** What installed objects say of themselves, each with what tells whether it is still the same file. */
export const bootObjectsFile = (layout: Layout): string => `${layout.run}/boot-objects.json`;
/** The guard's policy for the next transaction only. */
export const guardOnceFile = (layout: Layout): string => `${layout.run}/guard-once`;
/** What the transaction at hand brings, as the guard has found out. */
export const guardArrivalsFile = (layout: Layout): string => `${layout.run}/guard-arrivals.json`;
/** Releases of kernels that hooks left out and have named, one a line. */
export const leftOutFile = (layout: Layout): string => `${layout.state}/left-out`;
/** The last answer of `dkms check`, which every user may read. */
export const checkFile = (layout: Layout): string => `${layout.watched}/check.json`;
/** The journal of unfinished pairs. */
export const journalFile = (layout: Layout): string => `${layout.state}/pending`;
