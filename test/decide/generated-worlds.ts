/** Worlds for properties of plans: a few kernels and packages in every state that machines get into. */
import fc from "fast-check";
import { interestingPairs } from "../../src/model/run/interest.ts";
import { moduleText, pairKey } from "../../src/model/pair.ts";
import type { Request, Scope } from "../../src/model/run/request.ts";
import type { Conf, Freshness, Module, PairState, World } from "../../src/model/machine/world.ts";
import { objectsOf } from "./simulate.ts";
import { kernel, world, type KernelSpec, type ModuleSpec } from "./world-builder.ts";

const releases = ["6.1", "6.2", "6.3"];
const names = ["a", "b", "c"];
const versions = ["1", "2"];
const all = names.flatMap((name) => versions.map((version) => `${name}/${version}`));

/** A transaction's targets: what 70 and 71 are told of, in a machine as it is afterwards. */
export interface Situation {
  readonly world: World;
  readonly install: Scope;
  readonly remove: Scope;
}

const yesNo = fc.constantFrom("yes" as const, "no" as const);

const kernelSpecs: fc.Arbitrary<readonly KernelSpec[]> = fc
  .tuple(
    ...releases.map((release) =>
      fc.record({
        release: fc.constant(release),
        pkgbase: fc.constantFrom("linux", "linux-lts", "none"),
        modules: fc.oneof(
          { weight: 3, arbitrary: fc.constant("present" as const) },
          fc.constantFrom("leftover" as const, "absent" as const),
        ),
        headers: fc.oneof({ weight: 3, arbitrary: fc.constant("yes" as const) }, yesNo),
      }),
    ),
  )
  .map((specs) => specs.filter(({ modules }) => modules !== "absent"));

/** One version of a package, in the state that each kernel knows it in. */
interface VersionSpec extends ModuleSpec {
  readonly chances: readonly number[];
  readonly kind: "module" | "module without conf" | "module with a bad conf" | "binaries" | "nothing";
  readonly freshnesses: readonly Freshness[];
}

function versionSpec(module: string): fc.Arbitrary<VersionSpec> {
  const dependencies = fc.subarray([...names, "ghost"]);
  return fc.record({
    module: fc.constant(module),
    directory: fc.constantFrom(module.replace("/", "-"), module.replace("/", "-of-")),
    kind: fc.oneof(
      { weight: 8, arbitrary: fc.constant("module" as const) },
      { weight: 4, arbitrary: fc.constant("nothing" as const) },
      fc.constantFrom("module without conf" as const, "module with a bad conf" as const, "binaries" as const),
    ),
    source: fc.oneof(
      { weight: 2, arbitrary: fc.constant("present" as const) },
      fc.constantFrom("present" as const, "removed" as const),
    ),
    registered: yesNo,
    chances: fc.tuple(...releases.map(() => fc.nat(3))),
    freshnesses: fc.tuple(
      ...releases.map(() =>
        fc.constantFrom("current" as const, "current" as const, "changed" as const, "unknown" as const),
      ),
    ),
    buildDepends: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, dependencies),
    rebuild: yesNo,
    builtWith: fc.constantFrom({}, { a: "1", b: "1", c: "1" }, { a: "2", b: "2", c: "2" }),
    autoinstall: fc.constantFrom("yes" as const, "unset" as const, "unset" as const, "no" as const),
    excluded: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, fc.subarray(releases)),
  });
}

/** Any situation; `calm` ones have no journal of an earlier run. */
export function situations(which: "any" | "calm" = "any"): fc.Arbitrary<Situation> {
  const scope = fc.record({ releases: fc.subarray(releases), directories: fc.subarray(all) });
  return fc
    .record({
      kernels: kernelSpecs,
      modules: fc.tuple(...all.map(versionSpec)),
      running: fc.constantFrom(...releases, "5.9"),
      kernelChoice: fc.constantFrom("packaged" as const, "packaged" as const, "all" as const),
      pending: which === "calm" ? fc.constant([]) : pendingKeys,
      install: scope,
      remove: scope,
    })
    .map(({ kernels, modules, running, kernelChoice, pending, install, remove }) => {
      const specs = modules
        .filter(({ kind }) => kind !== "nothing")
        .map((spec, index, list) => settle(spec, list.slice(0, index)));
      const plain = world({ running, kernels, modules: specs, pending });
      const byText = new Map(specs.map((spec) => [spec.module, spec]));
      const scopeOf = (spec: { releases: string[]; directories: string[] }): Scope => ({
        releases: new Set(spec.releases),
        sourceDirectories: new Set(spec.directories.flatMap((module) => byText.get(module)?.directory ?? [])),
      });
      const state: World = {
        ...plain,
        kernelChoice,
        modules: plain.modules.map((module) => colour(module, byText.get(moduleText(module.id)))),
        confs: confsOf(plain, byText),
      };
      return { world: state, install: scopeOf(install), remove: scopeOf(remove) };
    });
}

const pendingKeys = fc.oneof(
  { weight: 2, arbitrary: fc.constant<string[]>([]) },
  fc.subarray(
    [...all, "stranger/1"].flatMap((module) => [...releases, "6.0"].map((release) => `${module}/${release}/x86_64`)),
    {
      maxLength: 3,
    },
  ),
);

/** Turns chances into states; one version of a package is installed for a kernel at most. What is not registered has no results, unless its source was removed. */
function settle(spec: VersionSpec, earlier: readonly VersionSpec[]): VersionSpec {
  const [name] = spec.module.split("/");
  const rivals = earlier.filter(({ module }) => module.startsWith(`${name}/`));
  const source = spec.kind === "binaries" ? ("present" as const) : (spec.source ?? "present");
  const registered = source === "removed" || spec.kind === "binaries" ? ("yes" as const) : (spec.registered ?? "yes");
  const at = (wanted: (chance: number) => boolean): string[] =>
    registered === "no" ? [] : releases.filter((_, index) => wanted(spec.chances[index] ?? 0));
  const taken = new Set(rivals.flatMap((rival) => installedBy(rival)));
  const installed = at((chance) => chance >= 2).filter((release) => !taken.has(release));
  const built = at((chance) => chance === 1 || chance === 2).filter((release) => !installed.includes(release));
  return { ...spec, source, registered, installed, built };
}

/** What a version installs wherever no earlier one does: those that it may have left to an earlier one count as well. */
function installedBy({ chances, registered, source, kind }: VersionSpec): readonly string[] {
  const isThere = registered === "yes" || source === "removed" || kind === "binaries";
  return isThere ? releases.filter((_, index) => (chances[index] ?? 0) >= 2) : [];
}

function colour(module: Module, spec: VersionSpec | undefined): Module {
  if (spec === undefined) return module;
  const source = spec.kind === "binaries" ? `/var/lib/dkms/${spec.module}/source` : module.source;
  const pairs = module.pairs.map((state): PairState => ({
    ...state,
    objects: objectsOf(module.id),
    freshness: spec.freshnesses[releases.indexOf(state.pair.kernel.release)] ?? "unknown",
  }));
  return { ...module, source, pairs };
}

function confsOf(plain: World, byText: ReadonlyMap<string, VersionSpec>): ReadonlyMap<string, Conf> {
  const confs = new Map<string, Conf>();
  for (const [key, conf] of plain.confs) {
    const kind = byText.get(key.split("/", 2).join("/"))?.kind;
    const { path } = conf;
    if (kind === "module without conf") confs.set(key, { kind: "missing", path });
    else if (kind === "module with a bad conf") confs.set(key, { kind: "invalid", path, errors: ["MAKE is bad"] });
    else confs.set(key, conf);
  }
  return confs;
}

/** What a run of its request gets to see of the world: confs and freshness of the pairs that interest it, and no freshness without headers. */
export function observed(state: World, request: Extract<Request, { scope: Scope }>): World {
  const interesting = knownPairs(state, request);
  const withHeaders = new Set(
    state.kernels.filter(({ headers }) => headers !== undefined).map(({ release }) => release),
  );
  const seen = (pair: PairState): PairState => {
    const isKnown = interesting.has(pairKey(pair.pair)) && withHeaders.has(pair.pair.kernel.release);
    return isKnown ? pair : { ...pair, freshness: "unknown" };
  };
  return {
    ...state,
    modules: state.modules.map((module) => ({ ...module, pairs: module.pairs.map(seen) })),
    confs: new Map([...state.confs].filter(([key]) => interesting.has(key))),
  };
}

/** Keys of the pairs in scope, and for the install hook of all others of their kernels: those may depend on them, or be what they depend on. */
function knownPairs(state: World, request: Extract<Request, { scope: Scope }>): ReadonlySet<string> {
  const pairs = interestingPairs(state, request);
  const sources =
    request.kind === "transaction-install" ? state.modules.filter(({ sourcePresent }) => sourcePresent) : [];
  const others = pairs.flatMap(({ kernel: { release, arch } }) =>
    sources.map(({ id }) => ({ module: id, kernel: { release, arch } })),
  );
  return new Set([...pairs, ...others].map(pairKey));
}

/** The releases that worlds are made of. */
export const kernels = releases.map(kernel);
