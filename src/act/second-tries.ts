/**
 * Second tries of builds. A module that uses another one and does not say so in BUILD_DEPENDS fails when both are built at the same time, and builds when
 * the other one is installed: the reference, which builds one after the other, never notices.
 */
import type { ErrorCode, ErrorFacts } from "../model/errors.ts";
import type { Ending } from "../model/run/outcome.ts";
import { moduleText, pairWords, sameKernel, type Pair } from "../model/pair.ts";
import type { Plan, PlannedStep } from "../model/run/plan.ts";

/** Directories of the kernel's own headers, as words of a regular expression: no package and no other module brings what is missing in them. */
export const kernelHeaders = "linux|asm|net|drm|media|sound|uapi|crypto|scsi|generated|acpi|rdma|video|xen|trace";

/** What a compiler or assembler says of the source itself: no other module changes it. A header that was not found may be one of theirs. */
const ofTheSource = new RegExp(
  String.raw`^\S+\.(?:c|h|cc|cpp|rs|S|s)(?::\d+)+: (?:(?:fatal )?error|Error): (?:(?:${kernelHeaders})/|(?!.*(?:No such file|not found)))`,
);

/**
 * Whether a missing module can be the reason of a failure: not where the compiler has stumbled over the source before anything was linked, and not where the
 * test build has failed, which had its second try.
 */
export function isWorthASecondTry(code: ErrorCode, facts: Pick<ErrorFacts, "isKnown" | "excerpt"> = {}): boolean {
  const { isKnown, excerpt = [] } = facts;
  if (isKnown === true || (excerpt.length > 0 && excerpt.every((line) => ofTheSource.test(line)))) return false;
  return isOfTheBuild(code);
}

/** Whether a failure is that of a build, and not of what is around it. */
function isOfTheBuild(code: ErrorCode): boolean {
  return code === "make-failed" || code === "script-failed" || code === "object-missing";
}

/** A failure that may not be the last word. */
interface Held {
  readonly ending: Ending;
  readonly seconds: number;
}

/** What is to be done about a build that is held. */
export type Verdict =
  | { readonly kind: "wait" }
  | { readonly kind: "again"; readonly warning: string }
  | { readonly kind: "over"; readonly held: Held };

/** Holds failed builds of one plan until the other modules of their kernel have come, and tells when each is tried once more. */
export class SecondTries {
  readonly #steps: readonly PlannedStep[];
  readonly #held = new Map<number, Held>();
  /** Of every build that began: the installations that had been done by then. */
  readonly #before = new Map<number, ReadonlySet<number>>();
  readonly #again = new Set<number>();

  constructor({ steps }: Plan) {
    this.#steps = steps;
  }

  /** Notes that a step begins; `endings` are those of the whole plan so far. */
  begins(index: number, endings: readonly (Ending | undefined)[]): void {
    const done = this.#others(index).filter((other) => endings[other]?.kind === "done");
    this.#before.set(index, new Set(done));
  }

  /** Whether the failure of a step is held back: another module of its kernel is still to come, or has come meanwhile. */
  hold(index: number, held: Held, endings: readonly (Ending | undefined)[]): boolean {
    const { ending } = held;
    if (ending.kind !== "failed" || !isWorthASecondTry(ending.error.code, ending.error.facts) || this.#again.has(index))
      return false;
    const hope = this.#others(index).some(
      (other) => endings[other] === undefined || this.#hasCome(index, other, endings),
    );
    if (hope) this.#held.set(index, held);
    return hope;
  }

  has(index: number): boolean {
    return this.#held.has(index);
  }

  /** What becomes of a held build now. Those of one kernel are tried one after the other, as each may need the one before. */
  judge(index: number, endings: readonly (Ending | undefined)[]): Verdict {
    const held = this.#held.get(index);
    if (held === undefined) return { kind: "wait" };
    const others = this.#others(index);
    if (others.some((other) => endings[other] === undefined && !this.#isBlocked(other, endings)))
      return { kind: "wait" };
    this.#held.delete(index);
    const come = others.filter((other) => this.#hasCome(index, other, endings));
    if (come.length === 0) return { kind: "over", held };
    this.#again.add(index);
    const names = come.flatMap((other) => moduleOf(this.#steps[other]) ?? []).join(", ");
    const pair = buildPairOf(this.#steps[index]);
    const warning = `${pair === undefined ? "A build" : pairWords(pair)} failed and is tried once more, now that ${names} is installed. If it needs that, its dkms.conf should say so in BUILD_DEPENDS.`;
    return { kind: "again", warning };
  }

  /** The failure counts after all: the run is interrupted. */
  giveUp(index: number): Verdict {
    const held = this.#held.get(index);
    this.#held.delete(index);
    return held === undefined ? { kind: "wait" } : { kind: "over", held };
  }

  #hasCome(index: number, other: number, endings: readonly (Ending | undefined)[]): boolean {
    return endings[other]?.kind === "done" && this.#before.get(index)?.has(other) !== true;
  }

  /** Positions of the steps that install other modules for the kernel of a build. */
  #others(index: number): readonly number[] {
    const pair = buildPairOf(this.#steps[index]);
    if (pair === undefined) return [];
    return this.#steps.flatMap(({ step }, other) =>
      step.kind === "install" && step.pair.module.name !== pair.module.name && sameKernel(step.pair.kernel, pair.kernel)
        ? [other]
        : [],
    );
  }

  /** Whether a step waits for a build that is held itself. */
  #isBlocked(index: number, endings: readonly (Ending | undefined)[]): boolean {
    const { needs = [], after = [] } = this.#steps[index] ?? {};
    return [...needs, ...after].some(
      (other) => this.#held.has(other) || (endings[other] === undefined && this.#isBlocked(other, endings)),
    );
  }
}

function buildPairOf(planned: PlannedStep | undefined): Pair | undefined {
  return planned?.step.kind === "build" ? planned.step.pair : undefined;
}

function moduleOf(planned: PlannedStep | undefined): string | undefined {
  return planned?.step.kind === "install" ? moduleText(planned.step.pair.module) : undefined;
}
