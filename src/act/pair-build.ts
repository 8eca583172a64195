/** Builds one pair of a plan: what its build is given, the key that its result is kept by, and the build itself. The guard's tests and the real run both build like this. */
import { join } from "node:path";
import { debugInformation } from "../model/kernel/debug-information.ts";
import type { Directives } from "../model/conf/directives.ts";
import { DkmsError } from "../model/errors.ts";
import { buildDirectory, type Layout } from "../model/machine/layout.ts";
import { moduleText, pairKey, pairWords, type Pair } from "../model/pair.ts";
import { projectName } from "../model/project.ts";
import type { ResultOrigin } from "../model/run/outcome.ts";
import { findModule } from "../model/machine/lookup.ts";
import { wantedObjects, type Conf, type Module } from "../model/machine/world.ts";
import { ConfFiles, laidOverPaths } from "../observe/conf/conf-files.ts";
import { InputReader, type InputDigests } from "../observe/stamps/inputs.ts";
import { InputsBeyond } from "../observe/stamps/inputs-beyond.ts";
import { OwnFlags } from "../observe/stamps/own-flags.ts";
import { askForPackages, resultKey } from "../observe/stamps/result-key.ts";
import { activeNames } from "../observe/tree/tree.ts";
import { targetKind } from "../system/files/files.ts";
import { quietly } from "../system/files/quietly.ts";
import { machineRoot } from "../system/files/other-machine.ts";
import { separationHere } from "../system/sandbox/confine.ts";
import type { BuildEnvironment } from "./compile/input.ts";
import { sandboxOf } from "../model/settings/sandbox-settings.ts";
import { checkedFailures, resultCache, testedResults } from "./cache/place.ts";
import { buildThroughCache, type ResultCache } from "./cache/cache.ts";
import { keyOnMachine } from "./cache/failures.ts";
import { packagesAsTested, packagesUnderTest, testedKey } from "./cache/tested.ts";
import type { JobPool } from "./jobs/jobserver.ts";
import { namedPaths } from "./sandbox/named-paths.ts";
import { askForSandbox } from "./sandbox/probe.ts";
import type { ActContext } from "./context.ts";
import { KernelSetups, type KernelSetup } from "./kernel-setup.ts";
import { finishObjects } from "./finish/finish.ts";

/** What the builds of one plan share. */
export interface BuildContext extends ActContext {
  readonly pool: JobPool;
  readonly setups: KernelSetups;
  readonly inputs: InputReader;
  readonly flags: OwnFlags;
  readonly beyond: InputsBeyond;
  /** Undefined where failures are neither remembered nor asked for. */
  readonly failures: TestFailures | undefined;
}

/** How a test uses failures that are remembered. */
export interface TestFailures {
  /** A check builds again what has failed before, and remembers how that has ended; the test before a transaction asks what a check has found. */
  readonly use: "test" | "check";
  /** The modules of the machine before the test. */
  readonly modules: readonly Module[];
}

/** What the builds of one plan share, nothing of it known yet. */
export function buildContext(context: ActContext, pool: JobPool): BuildContext {
  return {
    ...context,
    pool,
    setups: new KernelSetups(),
    inputs: new InputReader(),
    flags: new OwnFlags(),
    beyond: new InputsBeyond(),
    failures: undefined,
  };
}

/** What a result is for: `use` enters the tree finished; `test` shows that the pair builds, so nothing is stripped, signed or compressed. */
export type Purpose = "use" | "test";

/** A build that can begin. */
export interface PairBuild {
  readonly conf: ValidConf;
  /** The files of the conf as they were when it was evaluated. */
  readonly confFiles: string;
  /** The inputs as they were before the build. */
  readonly digests: InputDigests;
  /** Builds, or takes the result from the cache; fails as `buildPair` does, of what is known to fail at once. */
  run(): Promise<ResultOrigin>;
  /** Whether the inputs are still what they were; found out when it is first asked, which is right after the build. */
  isUnchanged(): boolean;
}

type ValidConf = Extract<Conf, { kind: "valid" }>;

/** Prepares the build of a pair; throws `conf-missing` or `source-missing` when nothing says how, or from what. */
export async function preparePairBuild(pair: Pair, purpose: Purpose, context: BuildContext): Promise<PairBuild> {
  const { layout, own, options } = context;
  const { conf, directives, objects } = validConf(pair, context);
  const source = sourceOf(pair, context);
  // What comes with a transaction that may still be refused runs in a sandbox or not at all.
  const sandbox = purpose === "test" ? "auto" : own.sandbox.value;
  askForSandbox({ sandbox });
  if (own.cache.value !== 0) {
    askForPackages();
    // Whoever needs it gets the failure as well.
    if (purpose === "use") packagesAsTested(layout).catch(() => undefined);
  }
  const setup = await context.setups.of(pair.kernel, context);
  const { headers, facts } = setup;
  const variables = { ...setup.variables, ...(await flagsFor(pair, { conf, source, setup }, context)) };
  const beyond = context.beyond.of(source, headers);
  const read = { source, headers, overrides: laidOverPaths(context, pair) };
  const inputs = { ...read, beyond: [...beyond.named, ...beyond.packaged] };
  const digests = context.inputs.digests(inputs);
  // Read before the build: what is edited while it runs is no part of it.
  if (purpose === "use") digests.content();
  const confFiles = context.world.confFiles?.get(pairKey(pair)) ?? new ConfFiles(context).index(pair, source);
  let isSame: boolean | undefined;
  const isUnchanged = (): boolean => {
    isSame ??= quietly(() => {
      if (new ConfFiles(context).index(pair, source) !== confFiles) return false;
      const now = new InputReader().digests(inputs);
      return now.index === digests.index || now.content() === digests.content();
    });
    return isSame === true;
  };
  const readable = namedPaths({
    source,
    headers,
    conf: conf.path,
    directives,
    variables,
    root: machineRoot(),
    options,
  });
  // What is installed for the kernel is shown as well: modules use each other without saying so.
  const dependencies = [...new Set([...directives.buildDepends, ...activeNames(layout, pair.kernel)])];
  const input = { pair, source, kernelSource: headers, directives, objects, facts, variables, dependencies, readable };
  const environment: BuildEnvironment = {
    program: projectName,
    layout,
    sandbox: { ...sandboxOf(own, { hidden: setup.keys, root: machineRoot() }), sandbox },
    pool: context.pool,
    timeLimit: own.timeLimit.value,
    finish: (built) => (purpose === "test" ? Promise.resolve() : finishObjects(built, setup.finish, context.tell)),
    tell: context.tell,
    signal: context.signal,
    explain: context.explain,
  };
  const run: PairBuild["run"] = async () => {
    const limit = own.cache.value;
    const { network, readable: opened, writable } = environment.sandbox;
    const isClosed = limit !== 0 && sandbox !== "no" && (await separationHere()).kind !== "none";
    const separated = { isClosed, network, readable: opened, writable };
    const keyOf = (content: string): Promise<string> => resultKey(layout, { ...input, separated, content });
    const key = limit === 0 ? "" : await keyOf(digests.content());
    // Nobody owns yet what a test is made of: the digests of the packages tell of it.
    const named = context.inputs.digests({ ...read, beyond: beyond.named });
    const testKey = limit === 0 || beyond.packaged.length === 0 ? key : await keyOf(named.content());
    const lookUp = !options.force;
    const place = await cacheFor(purpose, layout, { key, testKey });
    const failures = purpose === "test" ? failuresFor(place, layout, context.failures) : { remembers: [] };
    return buildThroughCache(input, environment, { ...place, ...failures, limit, lookUp, isUnchanged });
  };
  return { conf, confFiles, digests, run, isUnchanged };
}

/** Where a result is kept and looked for: a test keeps apart what it makes, and only the transaction that was tested takes it from there. */
async function cacheFor(
  purpose: Purpose,
  layout: Layout,
  { key, testKey }: { readonly key: string; readonly testKey: string },
): Promise<Pick<ResultCache, "directory" | "key" | "others">> {
  const kept = { directory: resultCache(layout), key };
  const packages = purpose === "test" ? packagesUnderTest(layout) : await packagesAsTested(layout);
  const tested =
    packages === undefined ? undefined : { directory: testedResults(layout), key: testedKey(testKey, packages) };
  if (purpose === "use") return { ...kept, others: tested === undefined ? [] : [{ ...tested, isAdopted: true }] };
  return { directory: testedResults(layout), key: tested?.key, others: [{ ...kept, isAdopted: false }] };
}

/** Which failure of a test build is asked for, and where it is remembered. */
function failuresFor(
  { directory, key }: Pick<ResultCache, "directory" | "key">,
  layout: Layout,
  failures: TestFailures | undefined,
): Pick<ResultCache, "checked" | "remembers"> {
  if (key === undefined || failures === undefined) return { remembers: [] };
  const tested = { directory, key };
  const checked = { directory: checkedFailures(layout), key: keyOnMachine(key, failures.modules) };
  return failures.use === "check" ? { remembers: [tested, checked] } : { remembers: [tested], checked };
}

/** Flags that spare the compiler what nobody will see of its work. */
async function flagsFor(
  { module }: Pair,
  { conf, source, setup }: { readonly conf: ValidConf; readonly source: string; readonly setup: KernelSetup },
  { layout, flags }: BuildContext,
): Promise<Readonly<Record<string, string>>> {
  const debug = debugInformation({
    config: setup.facts.config,
    image: targetKind(join(setup.headers, "vmlinux")) === "none" ? "absent" : "present",
    objects: wantedObjects(conf),
    variables: setup.variables,
    make: conf.directives.make,
    mention: await flags.mention(source, join(layout.overrides, module.name)),
  });
  return debug === "needless" ? { KCFLAGS: "-g0" } : {};
}

/** What the conf of a pair says; throws `conf-missing` when there is none, or none that is valid. */
export function validConf(
  pair: Pair,
  { world, layout }: ActContext,
): { conf: ValidConf; directives: Directives; objects: Directives["objects"] } {
  const conf = world.confs.get(pairKey(pair));
  if (conf?.kind === "valid") return { conf, directives: conf.directives, objects: wantedObjects(conf) };
  throw new DkmsError("conf-missing", `Nothing says how ${pairWords(pair)} is built.`, {
    module: moduleText(pair.module),
    path: conf?.path ?? buildDirectory(layout, pair.module),
  });
}

/** A source that this run has copied into the source tree is built from there. */
function sourceOf(pair: Pair, { world }: ActContext): string {
  const module = findModule(world, pair.module);
  if (module !== undefined) return module.importTo ?? module.source;
  throw new DkmsError("source-missing", `The source of ${moduleText(pair.module)} is not known.`, {
    module: moduleText(pair.module),
  });
}
