/** The world of a test: what is known of the machine before a transaction, and what the planner is to see of it afterwards. */
import type { KernelFacts } from "../../model/boot/facts.ts";
import type {
  GuardMachine,
  Incoming,
  KnownModule,
  PairVerdict,
  StuckKernel,
  Verdict,
} from "../../model/guard/guard.ts";
import { errorReportOf } from "../../model/guard/guard.ts";
import { moduleText, pairKey, type Pair } from "../../model/pair.ts";
import { stepPair, type Plan } from "../../model/run/plan.ts";
import type { Scope } from "../../model/run/request.ts";
import { otherHeaders, type Kernel, type Module, type World } from "../../model/machine/world.ts";

/** What of an incoming transaction the planner asks about. */
export function scopeOf({ kernels, headers, sourceDirectories }: Incoming): Scope {
  return { releases: new Set([...kernels, ...headers]), sourceDirectories };
}

/**
 * The world without what the transaction takes away: kernels whose package comes in another release, headers and sources that a package does not have any
 * more.
 */
export function afterTransaction(world: World, incoming: Incoming): World {
  const leaving = new Set(incoming.packages.flatMap(({ leavingDirectories }) => leavingDirectories));
  return {
    ...world,
    kernels: kernelsAfter(world, incoming),
    modules: world.modules.map((module) =>
      leaving.has(directoryOf(module)) ? { ...module, sourcePresent: false } : module,
    ),
    unidentified: world.unidentified.filter(({ directory }) => !leaving.has(directory)),
  };
}

function kernelsAfter({ kernels }: Pick<World, "kernels">, incoming: Incoming): readonly Kernel[] {
  const arriving = new Set([...incoming.kernels].flatMap((release) => incoming.kernelPackages.get(release) ?? []));
  const bare = new Set(incoming.packages.flatMap(({ leavingHeaders }) => leavingHeaders));
  return kernels
    .filter(({ release, pkgbase }) => incoming.kernels.has(release) || pkgbase === undefined || !arriving.has(pkgbase))
    .map((kernel) => ({
      ...kernel,
      pkgbase: kernel.pkgbase ?? incoming.kernelPackages.get(kernel.release),
      headers: bare.has(kernel.release) && !incoming.headers.has(kernel.release) ? undefined : kernel.headers,
      // pacman's database does not know its package yet, and its files may not name it.
      ...(incoming.kernels.has(kernel.release) ? { isBrought: true } : {}),
    }));
}

/** Facts of kernels as they will be: depmod runs after the commit, so its index says nothing of prebuilt objects yet. */
export function indexedLater(kernels: readonly KernelFacts[]): readonly KernelFacts[] {
  return kernels.map((facts) => ({
    ...facts,
    modules: facts.modules.map(({ name, presence }) =>
      presence.kind === "prebuilt"
        ? {
            name,
            presence: { ...presence, objects: presence.objects.map((object) => ({ ...object, indexed: undefined })) },
          }
        : { name, presence },
    ),
  }));
}

/** The world with the modules of some source directories alone, and with what they say they need. */
export function withOnly(world: World, directories: ReadonlySet<string>): World {
  const wanted = new Set<string>(
    world.modules.filter((module) => directories.has(directoryOf(module))).map(({ id }) => id.name),
  );
  // What a module needs may need others in turn.
  for (let size = 0; size < wanted.size;) {
    size = wanted.size;
    for (const { id } of world.modules.filter((module) => wanted.has(module.id.name))) {
      for (const [key, conf] of world.confs) {
        if (conf.kind !== "valid" || !key.startsWith(`${moduleText(id)}/`)) continue;
        for (const name of conf.directives.buildDepends) wanted.add(name);
      }
    }
  }
  return { ...world, modules: world.modules.filter(({ id }) => wanted.has(id.name)) };
}

/** What is known of incoming kernels, and of the modules of now and of the transaction; `world` is the one with the incoming files in it. */
export function arrivingOf(
  before: Pick<World, "kernels">,
  world: Pick<World, "kernels" | "modules" | "confs">,
  incoming: Incoming,
): Pick<GuardMachine, "modules" | "arriving" | "withoutHeaders" | "stuck"> {
  const present = new Set(before.kernels.filter(({ modules }) => modules === "present").map(({ release }) => release));
  const isBare = ({ release, headers }: Kernel): boolean =>
    incoming.kernels.has(release) && !present.has(release) && headers === undefined && !incoming.headers.has(release);
  return {
    modules: knownModules(world),
    arriving: new Set([
      ...incoming.kernels,
      ...incoming.headers,
      ...incoming.packages.flatMap(({ supplies }) => supplies),
    ]),
    withoutHeaders: new Set(world.kernels.filter(isBare).map(({ release }) => release)),
    stuck: stuckKernels(world, incoming),
  };
}

/** Kernels that stay without headers. */
function stuckKernels(world: Pick<World, "kernels" | "modules" | "confs">, incoming: Incoming): readonly StuckKernel[] {
  const after = kernelsAfter(world, incoming);
  const had = new Set(world.kernels.filter(({ headers }) => headers !== undefined).map(({ release }) => release));
  const arriving = world.modules.filter((module) => incoming.sourceDirectories.has(directoryOf(module)));
  const stuck = after.filter(
    ({ release, modules, headers, pkgbase }) =>
      modules === "present" && headers === undefined && pkgbase !== undefined && !incoming.kernels.has(release),
  );
  return stuck.map(({ release, arch }) => ({
    kernel: { release, arch },
    others: otherHeaders({ kernels: after }),
    losesHeaders: had.has(release),
    notBuilt: arriving
      .map(({ id }): Pair => ({ module: id, kernel: { release, arch } }))
      .filter((pair) => {
        const conf = world.confs.get(pairKey(pair));
        return conf?.kind === "valid" && conf.directives.autoinstall !== "no" && conf.exclusions.pair.length === 0;
      }),
  }));
}

/** Modules with the directories of their sources. */
export function knownModules({ modules }: Pick<World, "modules">): readonly KnownModule[] {
  return modules.map((module) => ({ name: module.id.name, directory: directoryOf(module) }));
}

/** The pairs that a plan builds. */
export function plannedPairs(plan: Plan): readonly Pair[] {
  return plan.steps.flatMap(({ step }) => (step.kind === "build" ? (stepPair(step) ?? []) : []));
}

/** What the plan itself says of pairs that need no test. Missing headers are judged by kernel, not by pair. */
export function verdictsOfPlan(plan: Plan): readonly PairVerdict[] {
  return plan.findings.flatMap(({ kind, error, pair }) => {
    if (pair === undefined || kind === "warning" || error.code === "headers-missing") return [];
    // What a package supplies is not lost.
    if (error.code === "supplied") return [];
    const verdict: Verdict =
      kind === "skip"
        ? { kind: "skipped", why: error.facts.excerpt?.join("; ") ?? error.message }
        : { kind: "fails", error: errorReportOf(error) };
    return [{ pair, verdict }];
  });
}

/** The name of the directory that a module's source is in. */
export function directoryOf({ source }: Module): string {
  return source.slice(source.lastIndexOf("/") + 1);
}
