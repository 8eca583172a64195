/** Builds worlds for planner tests from a few words. */
import type { Directives } from "../../src/model/conf/directives.ts";
import type { ObjectDirectives } from "../../src/model/conf/object-directives.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../src/model/names.ts";
import { pairKey, type KernelId, type ModuleId, type Pair } from "../../src/model/pair.ts";
import type { Plan } from "../../src/model/run/plan.ts";
import type { Scope } from "../../src/model/run/request.ts";
import type { Damage } from "../../src/model/machine/damage.ts";
import { supplyKey, type Supply } from "../../src/model/packaging/supply.ts";
import type { Conf, Freshness, Kernel, Module, PairState, World } from "../../src/model/machine/world.ts";
import { stepWords } from "../../src/tell/run/lines.ts";

/** A kernel in a test's words; the defaults are a package's kernel with headers. */
export interface KernelSpec {
  readonly release: string;
  /** "none" for a kernel that no package owns. */
  readonly pkgbase?: string;
  readonly modules?: Kernel["modules"];
  readonly headers?: "yes" | "no";
}

/** A module in a test's words: `built` and `installed` name kernel releases. */
export interface ModuleSpec {
  readonly module: string;
  readonly directory?: string;
  readonly source?: "present" | "removed";
  readonly registered?: "yes" | "no";
  readonly built?: readonly string[];
  readonly installed?: readonly string[];
  /** Names of its kernel objects; the module's own name by default. */
  readonly objects?: readonly string[];
  /** Releases for which the tree has a directory without a result. */
  readonly emptyResults?: readonly string[];
  readonly freshness?: Freshness;
  /** The kernels' own module that its built pairs are not installed for. */
  readonly yieldsTo?: string;
  /** What has become of the files of its installed pairs. */
  readonly damage?: Damage["part"] | undefined;
  readonly buildDepends?: readonly string[];
  /** BUILD_DEPENDS_REBUILD, and the versions that the built pairs remember. */
  readonly rebuild?: "yes" | "no";
  readonly builtWith?: Readonly<Record<string, string>>;
  readonly autoinstall?: Directives["autoinstall"];
  /** Releases that BUILD_EXCLUSIVE leaves out. */
  readonly excluded?: readonly string[];
}

/** `tiny/1.0` for a release. */
interface SupplySpec {
  readonly module: string;
  readonly release: string;
}

/** The id of a kernel of these tests. */
export function kernel(release: string): KernelId {
  return { release: kernelRelease(release), arch: architecture("x86_64") };
}

/** `zfs/2.2.2` */
export function moduleId(text: string): ModuleId {
  const [name = "", version = ""] = text.split("/", 2);
  return { name: moduleName(name), version: moduleVersion(version) };
}

/** Builds a world. */
export function world(spec: {
  running?: string;
  kernels: readonly KernelSpec[];
  modules: readonly ModuleSpec[];
  pending?: readonly string[];
  /** Modules that a package called `supplier` brings. */
  supplies?: readonly SupplySpec[];
  /** The architecture of all kernels. */
  arch?: string | undefined;
}): World {
  if (spec.arch !== undefined) return ofArchitecture(world({ ...spec, arch: undefined }), spec.arch);
  const confs = new Map<string, Conf>();
  for (const module of spec.modules) {
    for (const { release } of spec.kernels) {
      const pair: Pair = { module: moduleId(module.module), kernel: kernel(release) };
      if (module.source !== "removed") confs.set(pairKey(pair), conf(module, release));
    }
  }
  return {
    running: kernel(spec.running ?? "0.0-none"),
    kernels: spec.kernels.map(buildKernel),
    modules: spec.modules.map(buildModule),
    unidentified: [],
    kernelChoice: "packaged",
    confs,
    facts: new Map(),
    pending: new Set(spec.pending),
    supplies: new Map(
      (spec.supplies ?? []).map((given) => [
        supplyKey(moduleId(given.module).name, kernel(given.release)),
        supplyOf(given),
      ]),
    ),
  };
}

/** The same world on a machine of another architecture. */
function ofArchitecture(made: World, arch: string): World {
  const there = (id: KernelId): KernelId => ({ ...id, arch: architecture(arch) });
  const pairThere = ({ module, kernel: id }: Pair): Pair => ({ module, kernel: there(id) });
  return {
    ...made,
    running: there(made.running),
    kernels: made.kernels.map((one) => ({ ...one, arch: architecture(arch) })),
    modules: made.modules.map((module) => ({
      ...module,
      pairs: module.pairs.map((state) => ({ ...state, pair: pairThere(state.pair) })),
    })),
    confs: new Map([...made.confs].map(([key, value]) => [key.replaceAll("x86_64", arch), value])),
  };
}

/** A scope in a test's words. */
export function scope(spec: { releases?: readonly string[]; sources?: readonly string[] }): Scope {
  return { releases: new Set(spec.releases), sourceDirectories: new Set(spec.sources) };
}

/** A plan in words: its findings as `kind code`, then its steps. */
export function words(plan: Plan): readonly string[] {
  for (const [index, { needs, after }] of plan.steps.entries()) {
    const late = [...needs, ...after].find((other) => other >= index);
    if (late !== undefined) throw new Error(`step ${index} waits for step ${late}`);
  }
  return [
    ...plan.findings.map(({ kind, error }) => `${kind} ${error.code}`),
    ...plan.steps.map(({ step }) => stepWords(step).replaceAll(" (x86_64)", "")),
  ];
}

function supplyOf({ module, release }: SupplySpec): Supply {
  return { package: "supplier", pair: { module: moduleId(module), kernel: kernel(release) }, objects: [] };
}

function buildKernel({ release, pkgbase, modules, headers }: KernelSpec): Kernel {
  return {
    ...kernel(release),
    pkgbase: pkgbase === "none" ? undefined : (pkgbase ?? "linux"),
    modules: modules ?? "present",
    headers: headers === "no" ? undefined : `/usr/lib/modules/${release}/build`,
  };
}

function buildModule(spec: ModuleSpec): Module {
  const id = moduleId(spec.module);
  const directory = spec.directory ?? `${id.name}-${id.version}`;
  const state = (release: string, is: PairState["state"]): PairState => ({
    pair: { module: id, kernel: kernel(release) },
    state: is,
    objects: (spec.objects ?? [id.name]).map((name) => `${name}.ko`),
    freshness: spec.freshness ?? "current",
    builtWith: new Map(Object.entries(spec.builtWith ?? {})),
    ...(is === "built" ? { yieldsTo: spec.yieldsTo } : {}),
    ...(is === "installed" && spec.damage !== undefined
      ? { damage: { part: spec.damage, kind: "missing", path: `/somewhere/${id.name}.ko` } as const }
      : {}),
  });
  const isPresent = spec.source !== "removed";
  return {
    id,
    registration: spec.registered === "no" ? "none" : isPresent ? "added" : "broken",
    source: `/usr/src/${directory}`,
    sourcePresent: isPresent,
    importTo: undefined,
    emptyResults: (spec.emptyResults ?? []).map(kernel),
    pairs: [
      ...(spec.installed ?? []).map((release) => state(release, "installed")),
      ...(spec.built ?? []).map((release) => state(release, "built")),
    ],
  };
}

function conf(spec: ModuleSpec, release: string): Conf {
  const id = moduleId(spec.module);
  const reasons = spec.excluded?.includes(release) === true ? [`BUILD_EXCLUSIVE_KERNEL does not match ${release}`] : [];
  return {
    kind: "valid",
    path: `/usr/src/${spec.directory ?? `${id.name}-${id.version}`}/dkms.conf`,
    exclusions: { pair: reasons, objects: (spec.objects ?? [id.name]).map(() => reasons) },
    warnings: [],
    deprecated: [],
    stderr: "",
    directives: {
      name: id.name,
      version: id.version,
      objects: (spec.objects ?? []).map(objectDirectives),
      make: undefined,
      patches: [],
      scripts: {},
      buildDepends: spec.buildDepends ?? [],
      rebuild: spec.rebuild ?? "no",
      autoinstall: spec.autoinstall ?? "yes",
      constraints: [],
    },
  };
}

function objectDirectives(name: string): ObjectDirectives {
  return { builtName: name, builtLocation: "", destName: name, destLocation: "/kernel", strip: true, constraints: [] };
}
