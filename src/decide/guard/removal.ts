/** Judges what a transaction removes: a module that the machine needs to boot, or every kernel that has it, must not go without a replacement. Pure. */
import type { Arrivals } from "../../model/guard/arrivals.ts";
import type { GuardFinding, GuardJudgement, Rehearsal } from "../../model/guard/guard.ts";

/** What leaves, with the packages that bring it so far. */
interface Removal {
  /** Kernels by release. */
  readonly kernels: ReadonlyMap<string, readonly string[]>;
  /** Directories below the source tree. */
  readonly directories: ReadonlyMap<string, readonly string[]>;
}

/** Everything that is known. */
export interface RemovalEvidence {
  readonly removal: Removal;
  /** The machine as it is. */
  readonly machine: Pick<NonNullable<Rehearsal["machine"]>, "kernels" | "modules">;
  readonly arrivals: Arrivals;
  /** Names of required modules, each with the reason. */
  readonly required: ReadonlyMap<string, string>;
}

/** Judges; where nobody knows what arrives, and with a policy that only warns, nothing refuses. */
export function judgeRemoval(evidence: RemovalEvidence, policy: "required" | "all" | "warn"): GuardJudgement {
  const effect = policy !== "warn" && evidence.arrivals.isKnown ? "refuses" : "warns";
  const findings = [...evidence.required].flatMap(([name, required]): GuardFinding[] => {
    const loss = lossOf(evidence, name);
    if (loss === undefined) return [];
    return [{ kind: "removed", subject: name, why: loss.why, required, effect, packages: loss.packages }];
  });
  return { decision: findings.some((finding) => finding.effect === "refuses") ? "refuse" : "go-on", findings };
}

interface Loss {
  readonly why: string;
  readonly packages: readonly string[];
}

/** How a module is lost; undefined when it is not, or when no kernel has it now. */
function lossOf({ removal, machine, arrivals }: RemovalEvidence, name: string): Loss | undefined {
  const having = machine.kernels.filter(({ installed }) => installed.includes(name)).map(({ release }) => release);
  if (having.length === 0) return undefined;
  const sources = machine.modules.filter((module) => module.name === name).map(({ directory }) => directory);
  const isSourceLost = sources.length > 0 && sources.every((directory) => removal.directories.has(directory));
  if (isSourceLost && !arrivals.modules.includes(name)) {
    return {
      why: `The source of ${name} is removed and nothing replaces it, so no kernel will have ${name}`,
      packages: packagesOf(removal.directories, sources),
    };
  }
  const stays = having.some((release) => !removal.kernels.has(release));
  if (stays || arrivals.kernels.some(({ lacks }) => !lacks.includes(name))) return undefined;
  return {
    why: `Every kernel that has ${name} is removed (${having.join(", ")}), and no incoming kernel has it`,
    packages: packagesOf(removal.kernels, having),
  };
}

function packagesOf(map: ReadonlyMap<string, readonly string[]>, keys: readonly string[]): readonly string[] {
  return [...new Set(keys.flatMap((key) => map.get(key) ?? []))].toSorted();
}
