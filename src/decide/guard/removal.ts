/** Judges what a transaction removes: a module that the machine needs to boot, or every kernel that has it, must not go without a replacement. Pure. */
import type { KernelFacts, ModuleFacts, ObservedKernel, RequiredModule } from "../../model/boot/facts.ts";
import type { Arrivals } from "../../model/guard/arrivals.ts";
import type { GuardFinding, GuardJudgement } from "../../model/guard/guard.ts";
import type { World } from "../../model/machine/world.ts";
import { supplyKey } from "../../model/packaging/supply.ts";
import { kernelFacts } from "../boot/facts.ts";
import { Losses } from "./losses.ts";
import { directoryOf } from "./world.ts";

/** What leaves, with the packages that bring it so far. */
interface Removal {
  /** Kernels by release. */
  readonly kernels: ReadonlyMap<string, readonly string[]>;
  /** Directories below the source tree. */
  readonly directories: ReadonlyMap<string, readonly string[]>;
  /** Keys of prebuilt modules, see `supplyKey`. */
  readonly supplies: ReadonlySet<string>;
}

/** Everything that is known. */
export interface RemovalEvidence {
  readonly removal: Removal;
  /** The machine as it is, and what was read of its kernels. */
  readonly world: World;
  readonly observed: readonly ObservedKernel[];
  readonly arrivals: Arrivals;
  readonly required: readonly RequiredModule[];
}

/** Judges; where nobody knows what arrives, and with a policy that only warns, nothing refuses. */
export function judgeRemoval(evidence: RemovalEvidence, policy: "required" | "all" | "warn"): GuardJudgement {
  const effect = policy !== "warn" && evidence.arrivals.isKnown ? "refuses" : "warns";
  const { world, observed, required } = evidence;
  const before = kernelFacts(world, observed, required, noPlan);
  const losses = new Losses({ before, after: factsAfter(evidence) }, required);
  const findings = required.flatMap(({ name, because }): GuardFinding[] => {
    const loss = lossOf(evidence, losses, name);
    if (loss === undefined) return [];
    return [{ kind: "removed", subject: name, why: loss.why, required: because, effect, packages: loss.packages }];
  });
  return { decision: findings.some((finding) => finding.effect === "refuses") ? "refuse" : "go-on", findings };
}

/** Nothing is built for this judgement: what is not there is not there. */
const noPlan = { steps: [], findings: [] } as const;

/** The kernels as they will be. A module of which another version arrives stays: what becomes of that version was judged before. */
function factsAfter({ removal, world, observed, arrivals, required }: RemovalEvidence): readonly KernelFacts[] {
  const arriving = new Set(arrivals.kernels.map(({ kernel }) => kernel.release as string));
  const isStaying = (release: string): boolean => !removal.kernels.has(release) && !arriving.has(release);
  const left: World = {
    ...world,
    kernels: world.kernels.filter(({ release }) => isStaying(release)),
    modules: world.modules.filter(({ id }) => !isSourceLost({ removal, world, arrivals }, id.name)),
    supplies: new Map([...world.supplies].filter(([key]) => !removal.supplies.has(key))),
  };
  const staying = observed.filter(({ kernel }) => isStaying(kernel.release));
  // The test of what arrives knew nothing of removals.
  const arrived = arrivals.kernels.map((facts) => ({
    ...facts,
    modules: facts.modules.map((module) => withoutRemoved(module, facts, { removal, world, arrivals })),
  }));
  return [...kernelFacts(left, staying, required, noPlan), ...arrived];
}

function withoutRemoved(
  { name, presence }: ModuleFacts,
  { kernel }: KernelFacts,
  evidence: Pick<RemovalEvidence, "removal" | "world" | "arrivals">,
): ModuleFacts {
  const isRemoved =
    (presence.kind === "installed" && isSourceLost(evidence, name)) ||
    (presence.kind === "prebuilt" && evidence.removal.supplies.has(supplyKey(name, kernel)));
  return isRemoved
    ? { name, presence: { kind: "missing", id: undefined, cause: { kind: "no-source" } } }
    : { name, presence };
}

/** Whether every source of a module is removed, and none arrives. */
function isSourceLost(
  { removal, world, arrivals }: Pick<RemovalEvidence, "removal" | "world" | "arrivals">,
  name: string,
): boolean {
  const sources = sourcesOf(world, name);
  if (sources.length === 0 || arrivals.modules.includes(name)) return false;
  return sources.every((directory) => removal.directories.has(directory));
}

function sourcesOf(world: World, name: string): readonly string[] {
  return world.modules.filter(({ id }) => id.name === name).map(directoryOf);
}

interface Loss {
  readonly why: string;
  readonly packages: readonly string[];
}

/** How a module is lost; undefined when it is not. What arrives without it was judged before the removals. */
function lossOf(evidence: RemovalEvidence, losses: Losses, name: string): Loss | undefined {
  const { removal, world, arrivals } = evidence;
  /** A replacement that could not be looked for is not said to be missing. */
  const words = (what: string, without: string, replacement: string): string =>
    `${what}${arrivals.isKnown ? without : `, and whether an incoming ${replacement} is not known`}`;
  const without = losses.kernelsWithout(name);
  if (without.length > 0 && isSourceLost(evidence, name)) {
    const result = ` and nothing replaces it, so no kernel will have ${name}`;
    return {
      why: words(`The source of ${name} is removed`, result, "package replaces it"),
      packages: packagesOf(removal.directories, sourcesOf(world, name)),
    };
  }
  const supplies = without.flatMap((release) =>
    [...world.supplies.values()].filter(
      ({ pair: { module, kernel } }) =>
        module.name === name && kernel.release === release && removal.supplies.has(supplyKey(name, kernel)),
    ),
  );
  if (supplies.length > 0) {
    const packages = [...new Set(supplies.map((supply) => supply.package))].toSorted();
    const kernels = supplies.map(({ pair }) => pair.kernel.release);
    const result = ` and nothing replaces it, so ${kernels.join(", ")} will not have ${name}`;
    const what = `The prebuilt ${name} of ${packages.join(", ")} is removed`;
    return { why: words(what, result, "package replaces it"), packages };
  }
  if (!losses.isLast(name)) return undefined;
  const having = losses.kernelsWith(name);
  const what = `Every kernel that has ${name} is removed (${having.join(", ")})`;
  return {
    why: words(what, ", and no incoming kernel has it", "kernel has it"),
    packages: packagesOf(removal.kernels, having),
  };
}

function packagesOf(map: ReadonlyMap<string, readonly string[]>, keys: readonly string[]): readonly string[] {
  return [...new Set(keys.flatMap((key) => map.get(key) ?? []))].toSorted();
}
