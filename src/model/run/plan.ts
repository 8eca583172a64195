/** A plan: ordered steps, each with its pair and its reason in words, and the findings for which there is nothing to do. */
import type { DkmsError } from "../errors.ts";
import type { KernelId, ModuleId, Pair } from "../pair.ts";

/** One thing to do; every kind of step has its function in `act/`. */
export type Step =
  | {
      readonly kind: "import";
      readonly module: ModuleId;
      readonly from: string;
      readonly to: string;
      readonly existing: "merge" | "replace";
    }
  /** `postAdd`: whether a failing POST_ADD matters, as it does only where adding is all that was asked for. */
  | {
      readonly kind: "add";
      readonly module: ModuleId;
      readonly source: string;
      readonly postAdd: "matters" | "ignored";
    }
  | { readonly kind: "build"; readonly pair: Pair }
  /** `replaces`: what is installed so far and gives way, which is another version of the package, or another package of which only that is left.
   * `yields`: a kernel that has a module itself, newer or the same, keeps it, and that is no failure. */
  | { readonly kind: "install"; readonly pair: Pair; readonly replaces: readonly ModuleId[]; readonly yields: boolean }
  | { readonly kind: "uninstall"; readonly pair: Pair }
  | { readonly kind: "unbuild"; readonly pair: Pair }
  | { readonly kind: "deregister"; readonly module: ModuleId }
  | { readonly kind: "tidy"; readonly kernel: KernelId }
  /** `loading`: modules that this machine's devices want may be loaded afterwards, if that is asked for. */
  | {
      readonly kind: "depmod";
      readonly kernel: KernelId;
      readonly loading: "wanted" | "no";
      /** What leaves the kernel again when depmod fails, since nobody would find it there. */
      readonly dependents: readonly Pair[];
    };

/** A step in its place: `needs` and `after` are positions of earlier steps in the plan. */
export interface PlannedStep {
  readonly step: Step;
  /** Why, in words: `kernel 6.6.1-arch1-1 is new`. */
  readonly reason: string;
  /** Steps that must have succeeded; when one has not, this step is not attempted. */
  readonly needs: readonly number[];
  /** Steps that must have ended, however they ended. */
  readonly after: readonly number[];
}

/** Something that was asked for and needs no step: `skip` is all right, `refusal` is a failure that changes nothing, `warning` is worth a word. */
export interface Finding {
  readonly kind: "skip" | "refusal" | "warning";
  readonly error: DkmsError;
  readonly pair?: Pair;
}

/** What to do, in order, and what was found not to need doing. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly findings: readonly Finding[];
}

/** The pair that a step works on, or undefined for steps of a whole module or kernel. */
export function stepPair(step: Step): Pair | undefined {
  return "pair" in step ? step.pair : undefined;
}
