/** Reads all that `dkms doctor` judges: the world with every module for every kernel, and what only a check-up needs to know. */
import { join } from "node:path";
import { signatureDemand, type Health, type LoadPolicy } from "../../model/health/health.ts";
import { possibleLocations } from "../../model/settings/install-location.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Leftovers } from "../../model/health/leftovers.ts";
import { parseObjectFileName, type WantedObject } from "../../model/kernel-object.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { kernelText, moduleText, pairKey } from "../../model/pair.ts";
import { programNames } from "../../model/kernel/programs.ts";
import { findKernel, wantedObjects, type PairState, type World } from "../../model/machine/world.ts";
import { nodeVersion } from "../../system/node-version.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import { compressionSuffix } from "../kernel/compression.ts";
import type { ObserveContext } from "../context.ts";
import { readLeftovers } from "./leftovers.ts";
import { readLastCheck } from "./last-check.ts";
import { readReports } from "./reports.ts";
import { readLoadPolicy } from "../kernel/load-policy.ts";
import { readModuleInfos } from "../objects/module-info.ts";
import { builtObjects, objectFiles } from "../objects/object-files.ts";
import { displacingFile } from "../objects/other-owner.ts";
import { inspectPair } from "../objects/objects.ts";
import { readRunningKernelLines } from "../packaging/running-kernel-lines.ts";
import { KeptOriginals } from "../tree/original-modules.ts";
import { readWholeWorld } from "../world.ts";

/** Reads; takes no lock and changes nothing. `policy` is for machines other than this one. */
export async function readHealth(context: ObserveContext, policy: LoadPolicy = readLoadPolicy()): Promise<Health> {
  const world = await readWholeWorld(context);
  const compilers = usedCompilers(world);
  const releases = world.kernels.filter(({ modules }) => modules === "present").map(({ release }) => release);
  const unread: string[] = [];
  // What this user may not read is left out and named; the rest is judged all the same.
  const attempt = async <T>(read: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      unread.push(error.message);
      return otherwise;
    }
  };
  return {
    world,
    policy,
    leftovers: await attempt(() => readLeftovers(context, world, "unknown"), noLeftovers(context)),
    faults: await attempt(() => readFaults(context, world), new Map()),
    unsigned: await attempt(() => readUnsigned(context, world, policy), new Map()),
    uses: await attempt(() => readUses(context, world), new Map()),
    programs: new Set([...programNames, ...compilers].filter((name) => findProgram(name) !== undefined)),
    compilers: await readVersions(compilers),
    suffixes: new Map(
      releases.map((release) => [release, compressionSuffix(kernelDirectory(context.layout, release))]),
    ),
    runningKernelLines: new Map(
      world.modules
        .filter(({ sourcePresent }) => sourcePresent)
        .map(({ id, source }) => [moduleText(id), readRunningKernelLines(source)]),
    ),
    settingsFaults: [...context.framework.warnings, ...context.own.warnings],
    sandbox: context.own.sandbox.value,
    node: nodeVersion(),
    lastCheck: await attempt(() => readLastCheck(context.layout), undefined),
    lastTransaction: await attempt(() => readReports(context.layout, 1)[0]?.report, undefined),
    unread,
  };
}

/** Where they cannot be read. */
function noLeftovers({ layout, own }: ObserveContext): Leftovers {
  return {
    sourceTrees: [layout.sourceTree],
    ...{ objects: [], staged: [], builds: [], stamps: [], logs: [], links: [], kept: [], originals: [], entries: [] },
    archived: new Set(),
    ...{
      emptyDirectories: [],
      untidy: [],
      begun: [],
      unindexed: [],
      results: [],
      unfinishedResults: [],
      workDirectories: [],
    },
    cacheLimit: own.cache.value,
  };
}

/** The compilers that builds for the kernels at hand would take. */
function usedCompilers(world: World): readonly string[] {
  const found = new Set<string>();
  for (const { compiler, llvm } of world.facts.values()) {
    found.add(compiler.KERNEL_CC ?? compiler.CC ?? (llvm ? "clang" : "gcc"));
  }
  return [...found];
}

async function readVersions(programs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for (const program of programs) {
    const { status, stdout } = await run([program, "--version"], { environment: { LC_ALL: "C" }, timeoutSeconds: 10 });
    if (status === 0) versions.set(program, stdout.split("\n", 1)[0] ?? "");
  }
  return versions;
}

async function readFaults(context: ObserveContext, world: World): Promise<Health["faults"]> {
  const faults = new Map<string, { kind: "missing" | "differs"; name: string }>();
  const { layout, scheme } = context;
  const originals = new KeptOriginals(layout);
  for (const state of world.modules.flatMap(({ pairs }) => pairs)) {
    if (findKernel(world, state.pair.kernel).modules !== "present") continue;
    const { placed } = state;
    const order = { layout, state, scheme, objects: objectsOf(world, state), originals };
    const { fault } = await inspectPair({ ...order, ...(placed === undefined ? {} : { placed }) });
    // Another package's newer object stands in its place, as it should.
    const isDiffering = fault?.kind === "differs";
    if (isDiffering && displacingFile(context, state.pair, { destName: fault.name }) !== undefined) continue;
    if (fault !== undefined) faults.set(pairKey(state.pair), fault);
  }
  return faults;
}

/** What the conf wants for this kernel; undefined when nobody knows. */
function objectsOf(world: World, { pair }: PairState): readonly WantedObject[] | undefined {
  const conf = world.confs.get(pairKey(pair));
  return conf?.kind === "valid" ? wantedObjects(conf) : undefined;
}

/** What the built objects of installed pairs say. */
async function readUses({ layout }: ObserveContext, world: World): Promise<Health["uses"]> {
  const installed = world.modules.flatMap(({ pairs }) => pairs).filter(({ state }) => state === "installed");
  const files = new Map(
    installed.map(({ pair, objects }) => [
      pairKey(pair),
      objects.map((file) => join(builtObjects(layout, pair), file)),
    ]),
  );
  const infos = await readModuleInfos([...files.values()].flat());
  const usedBy = (paths: readonly string[]): readonly string[] =>
    paths.flatMap((path) => infos.get(path)?.depends ?? []);
  return new Map([...files].map(([key, paths]) => [key, [...new Set(usedBy(paths))]]));
}

/** An object that cannot be read is not said to have no signature. */
async function readUnsigned(context: ObserveContext, world: World, policy: LoadPolicy): Promise<Health["unsigned"]> {
  const files = new Map<string, readonly string[]>();
  for (const state of world.modules.flatMap(({ pairs }) => pairs)) {
    const { kernel } = state.pair;
    const config = world.facts.get(kernelText(kernel))?.config;
    if (state.state !== "installed" || signatureDemand(policy, config) === undefined) continue;
    if (findKernel(world, kernel).modules !== "present") continue;
    files.set(pairKey(state.pair), installedFiles(context, world, state));
  }
  const infos = await readModuleInfos([...files.values()].flat());
  const unsigned = [...files].map(
    ([key, paths]) => [key, paths.filter((path) => infos.get(path)?.isSigned === false)] as const,
  );
  return new Map(unsigned.filter(([, paths]) => paths.length > 0));
}

function installedFiles(context: ObserveContext, world: World, state: PairState): readonly string[] {
  const built = state.objects.flatMap((file) => parseObjectFileName(file)?.name ?? []);
  const objects = objectsOf(world, state) ?? built.map((destName): WantedObject => ({ destName }));
  const directory = kernelDirectory(context.layout, state.pair.kernel.release);
  return objects.flatMap((object) =>
    possibleLocations(context.scheme, object)
      .flatMap((location) => objectFiles(join(directory, location), object.destName))
      .slice(0, 1),
  );
}
