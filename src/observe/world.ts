/** Reads the world that a request is decided on. */
import { join } from "node:path";
import { interpretDirectives } from "../model/conf/directives.ts";
import { interestingPairs, type Outline } from "../model/run/interest.ts";
import { defaultSource } from "../model/machine/layout.ts";
import { moduleName, moduleNameFault, moduleVersion, moduleVersionFault } from "../model/names.ts";
import { kernelText, moduleText, pairKey, sameModule, type KernelId, type ModuleId, type Pair } from "../model/pair.ts";
import type { RawConf } from "../model/conf/raw-conf.ts";
import type { Request } from "../model/run/request.ts";
import {
  findKernel,
  type Conf,
  type Kernel,
  type Module,
  type UnidentifiedSource,
  type World,
} from "../model/machine/world.ts";
import { listDirectory } from "../system/files/files.ts";
import type { List } from "../system/files/listings.ts";
import { confVariables, readConfs, readFacts, type ConfSubject } from "./conf/confs.ts";
import type { ObserveContext } from "./context.ts";
import { evaluateConfs } from "./conf/dkms-conf.ts";
import { liesInPlace } from "./tree/identify.ts";
import { judgePairs } from "./stamps/judged-pairs.ts";
import { readPending } from "./tree/journal.ts";
import { readLeftOut, withOwners } from "./kernel/kernel-owners.ts";
import { readKernel, readKernels, runningKernel } from "./kernel/kernels.ts";
import { unclaimedSources } from "./tree/sources.ts";
import { readSupplies } from "./tree/supplies.ts";
import { readModule, readTree, readTreeFor } from "./tree/tree.ts";
import { scalar } from "../model/conf/raw-conf.ts";

/** How much of the world is read; see `readWorld`. */
type Extent = "everything" | "remembered" | "needed";

/**
 * Reads kernels, modules and tree, and evaluates the confs of all pairs that the request may concern. `needed`: the confs of pairs with which a
 * transaction has no work are those that their stamps remember, and nothing is found out about kernels for which there is no work; `remembered`: the same confs, and
 * everything about kernels. `list` is for those
 * who have listed parts of the tree just now.
 */
export async function readWorld(
  request: Request,
  context: ObserveContext,
  extent: Extent = "everything",
  list?: List,
): Promise<World> {
  const { layout } = context;
  const running = runningKernel();
  const isInstall = request.kind === "transaction-install";
  const leftOut = isInstall ? readLeftOut(layout) : undefined;
  // What the transaction brings may have got an owner.
  const unowned = new Set(
    isInstall ? [...(leftOut ?? [])].filter((release) => !request.scope.releases.has(release)) : [],
  );
  const found = readKernels(layout, running.arch).map((kernel) =>
    isInstall && extent === "needed" && request.scope.releases.has(kernel.release)
      ? { ...kernel, isBrought: true }
      : kernel,
  );
  const kernels = withNamedKernels(context, isInstall ? await withOwners(layout, found, unowned) : found, request);
  const { modules, unidentified } = await readModules(context, running, request, { extent, list });
  const outline: Outline = { running, kernels, modules, pending: readPending(layout) };

  const pairs = interestingPairs(outline, request);
  const releases = new Map(pairs.map(({ kernel }) => [kernelText(kernel), findKernel(outline, kernel)]));
  const subject = extent === "needed" && "module" in request ? request.module : undefined;
  const judged = judgePairs(context, { modules, kernels: releases, interesting: pairs, subject });
  const known = extent !== "everything" && sparesConfs(request) ? judged.confs : new Map<string, Conf>();
  const open = pairs.filter((pair) => !known.has(pairKey(pair)));
  const concerned = extent === "remembered" ? pairs : open;
  const facts = readFacts(context, [...new Set(concerned.map(({ kernel }) => releases.get(kernelText(kernel))))]);
  const sources = new Map(modules.map(({ id, source }) => [moduleText(id), source]));
  const sourceOf = ({ module }: Pair): string => sources.get(moduleText(module)) ?? "";
  const subjects = open.map((pair): ConfSubject => ({ pair, source: sourceOf(pair) }));
  const copied = new Set(modules.flatMap(({ id, importTo }) => (importTo === undefined ? [] : [moduleText(id)])));
  const confFiles = new Map(
    pairs
      .filter(({ module }) => !copied.has(moduleText(module)))
      .map((pair) => [pairKey(pair), judged.files.index(pair, sourceOf(pair))]),
  );
  const confs = new Map([...known, ...(await readConfs(context, facts, subjects))]);
  return {
    ...outline,
    modules: judged.modules,
    unidentified,
    confs,
    confFiles,
    facts,
    kernelChoice: context.own.kernels.value,
    ...(leftOut === undefined ? {} : { leftOut }),
    supplies: readSupplies(layout, kernels),
  };
}

/** The world as a transaction would see it that touches every kernel: confs of all modules for all kernels are known, from their stamps or evaluated; unregistered sources count. */
export function readWholeWorld(context: ObserveContext): Promise<World> {
  const releases = new Set(listDirectory(context.layout.installTree));
  const request: Request = { kind: "transaction-install", scope: { releases, sourceDirectories: new Set() } };
  return readWorld(request, context, "remembered");
}

/** What is installed now, with no conf evaluated: kernels with their packages, the tree, prebuilt modules. */
export async function readInstalledWorld(context: ObserveContext): Promise<World> {
  const { layout, own } = context;
  const running = runningKernel();
  const kernels = await withOwners(layout, readKernels(layout, running.arch));
  return {
    running,
    kernels,
    modules: readTree(layout),
    unidentified: [],
    confs: new Map(),
    facts: new Map(),
    kernelChoice: own.kernels.value,
    supplies: readSupplies(layout, kernels),
    pending: new Set(),
  };
}

/** Requests that leave alone what is installed and current, or belongs to another module than theirs. */
function sparesConfs(request: Request): boolean {
  const { kind } = request;
  return (
    "module" in request || kind === "transaction-install" || kind === "transaction-remove" || kind === "autoinstall"
  );
}

/** Kernels that the request names and that have no directory count as well: their headers may be given by --kernelsourcedir. */
function withNamedKernels(context: ObserveContext, found: readonly Kernel[], request: Request): readonly Kernel[] {
  const named: readonly KernelId[] =
    "kernel" in request
      ? [request.kernel]
      : "kernels" in request && request.kernels.kind === "these"
        ? request.kernels.kernels
        : [];
  const missing = named.filter(
    (id) => !found.some((kernel) => kernel.release === id.release && kernel.arch === id.arch),
  );
  const all = [...found, ...missing.map((id) => readKernel(context.layout, id))];
  const { kernelSource } = context.options;
  if (kernelSource === undefined) return all;
  return all.map((kernel) => {
    const isNamed = named.some(({ release, arch }) => release === kernel.release && arch === kernel.arch);
    return isNamed ? { ...kernel, headers: kernelSource } : kernel;
  });
}

/** Registered modules, the module that the request names, and for transactions those whose source waits to be added. */
async function readModules(
  context: ObserveContext,
  running: KernelId,
  request: Request,
  { extent, list }: { readonly extent: Extent; readonly list: List | undefined },
): Promise<Modules> {
  const { layout } = context;
  if ("module" in request) {
    const registered =
      extent === "needed" ? readTreeFor(layout, request.module.name, list) : readTree(layout, "everything", list);
    const known = registered.some(({ id }) => sameModule(id, request.module));
    if (known) return { modules: registered, unidentified: [] };
    return { modules: [...registered, namedModule(context, request)], unidentified: [] };
  }
  const registered = readTree(layout, "everything", list);
  // To the remove hook a new version matters that could not be registered: old ones are kept for it.
  if (request.kind !== "transaction-install" && request.kind !== "transaction-remove") {
    return { modules: registered, unidentified: [] };
  }
  const { modules, unidentified } = await readUnregistered(context, running, registered);
  return { modules: [...registered, ...modules], unidentified };
}

/** A module that is not registered: its source may lie outside the source tree, where the user has it. */
function namedModule({ layout }: ObserveContext, request: Extract<Request, { module: unknown }>): Module {
  const module = readModule(layout, request.module);
  const directory = "directory" in request ? request.directory : undefined;
  if (directory === undefined || liesInPlace(layout, request.module, directory)) return module;
  return { ...module, source: directory, sourcePresent: true, importTo: defaultSource(layout, request.module) };
}

interface Modules {
  readonly modules: readonly Module[];
  readonly unidentified: readonly UnidentifiedSource[];
}

/** Modules whose source waits to be registered, beside those that are: whoever is not root learns no more of them than their confs say to anybody. */
export async function readWaiting(context: ObserveContext, registered: readonly Module[]): Promise<readonly Module[]> {
  return (await readUnregistered(context, runningKernel(), registered)).modules;
}

/** Sources that no module links to: name and version come from the evaluated conf, since a directory may be called anything. */
async function readUnregistered(
  context: ObserveContext,
  running: KernelId,
  registered: readonly Module[],
): Promise<Modules> {
  const sources = unclaimedSources(context.layout, registered);
  if (sources.length === 0) return { modules: [], unidentified: [] };
  const variables = { ...confVariables(context, running, undefined), module: "", module_version: "" };
  const confs = await evaluateConfs(
    sources.map(({ path }) => ({ path: join(path, "dkms.conf"), overrides: [], variables, directives: [] })),
    { sandbox: context.own.sandbox.value },
  );
  const modules: Module[] = [];
  const unidentified: UnidentifiedSource[] = [];
  for (const [index, { name: directory, path }] of sources.entries()) {
    const raw = confs[index];
    if (raw === undefined) continue;
    const id = identity(raw);
    if (id === undefined) {
      unidentified.push({ directory, conf: raw.path, errors: interpretDirectives(raw).errors });
    } else if (!registered.some((module) => sameModule(module.id, id))) {
      modules.push({ ...readModule(context.layout, id), source: path, sourcePresent: true });
    }
  }
  return { modules, unidentified };
}

/** The module that a conf says it is; undefined when it does not say, or not with names that can be paths. */
function identity(raw: RawConf): ModuleId | undefined {
  const name = scalar(raw, "PACKAGE_NAME");
  const version = scalar(raw, "PACKAGE_VERSION");
  if (moduleNameFault(name) !== undefined || moduleVersionFault(version) !== undefined) return undefined;
  return { name: moduleName(name), version: moduleVersion(version) };
}
