/** The world of a rehearsal: what is known of the machine before a transaction, and what the planner is to see of it afterwards. */
import type { Incoming, PairVerdict, Rehearsal, Verdict } from "../../model/guard/guard.ts";
import { errorReportOf } from "../../model/guard/guard.ts";
import { moduleText, type Pair } from "../../model/pair.ts";
import { stepPair, type Plan } from "../../model/run/plan.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Kernel, Module, World } from "../../model/machine/world.ts";

/** What of an incoming transaction the planner asks about. */
export function scopeOf({ kernels, headers, sourceDirectories }: Incoming): Scope {
  return { releases: new Set([...kernels, ...headers]), sourceDirectories };
}

/** The world without what the transaction takes away: kernels whose package comes in another release, sources that a package does not have any more. */
export function afterTransaction(world: World, incoming: Incoming): World {
  const arriving = new Set([...incoming.kernels].flatMap((release) => incoming.kernelPackages.get(release) ?? []));
  const leaving = new Set(incoming.packages.flatMap(({ leavingDirectories }) => leavingDirectories));
  return {
    ...world,
    kernels: world.kernels.filter(
      ({ release, pkgbase }) => incoming.kernels.has(release) || pkgbase === undefined || !arriving.has(pkgbase),
    ),
    modules: world.modules.map((module) =>
      leaving.has(directoryOf(module)) ? { ...module, sourcePresent: false } : module,
    ),
    unidentified: world.unidentified.filter(({ directory }) => !leaving.has(directory)),
  };
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

/** The machine before the transaction, in the words of the judgement; `world` is the one with the incoming files in it. */
export function machineBefore(
  before: { readonly kernels: readonly Kernel[]; readonly modules: readonly Module[] },
  world: Pick<World, "kernels" | "modules">,
  incoming: Incoming,
): NonNullable<Rehearsal["machine"]> {
  const present = new Set(before.kernels.filter(({ modules }) => modules === "present").map(({ release }) => release));
  const installed = (release: string): readonly string[] =>
    before.modules
      .filter(({ pairs }) => pairs.some(({ pair, state }) => state === "installed" && pair.kernel.release === release))
      .map(({ id }) => id.name);
  const arriving = world.kernels.filter(({ release }) => incoming.kernels.has(release) && !present.has(release));
  return {
    kernels: before.kernels
      .filter(({ release }) => present.has(release))
      .map(({ release, pkgbase }) => ({ release, pkgbase, installed: installed(release) })),
    modules: world.modules.map((module) => ({
      name: module.id.name,
      directory: directoryOf(module),
      present: before.modules.some(({ id }) => id.name === module.id.name) ? "yes" : "no",
    })),
    arriving: world.kernels
      .filter(({ release }) => incoming.kernels.has(release) || incoming.headers.has(release))
      .map(({ release, pkgbase }) => ({ release, pkgbase })),
    withoutHeaders: arriving
      .filter(({ release, headers }) => headers === undefined && !incoming.headers.has(release))
      .map(({ release }) => release),
  };
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

function directoryOf({ source }: Module): string {
  return source.slice(source.lastIndexOf("/") + 1);
}
