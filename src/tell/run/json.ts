/** Plans and what became of them for programs (`--json`); the shape is documented in docs/run-json.md and only grows within a format. */
import type { DkmsError } from "../../model/errors.ts";
import type { LeftAlone, Deletion } from "../../model/health/leftovers.ts";
import type { Outcome } from "../../model/run/outcome.ts";
import type { ModuleId } from "../../model/pair.ts";
import { stepPair, type Plan, type Step } from "../../model/run/plan.ts";

/** A run, or with `planned` one that was only asked what it would do. */
export interface TellableRun {
  readonly mode: "done" | "planned";
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
}

/** What a pruning has deleted besides the steps of its plan, each with the error that kept it from that. */
export interface TellablePruning extends TellableRun {
  readonly deletions: readonly { readonly deletion: Deletion; readonly error: DkmsError | undefined }[];
  readonly leftAlone: readonly LeftAlone[];
}

/** One JSON document, indented, without a newline at its end. */
export function runJson(run: TellableRun): string {
  return JSON.stringify({ format: 1, ...runPart(run) }, undefined, 2);
}

/** The same for `dkms prune`. */
export function pruneJson(run: TellablePruning): string {
  const document = {
    format: 1,
    ...runPart(run),
    deletions: run.deletions.map(({ deletion, error }) => ({
      path: deletion.kind === "journal" ? null : deletion.path,
      pending: deletion.kind === "journal" ? deletion.key : null,
      reason: deletion.reason,
      result: run.mode === "planned" ? "planned" : error === undefined ? "done" : "failed",
      error: errorPart(error),
    })),
    leftAlone: run.leftAlone.map(({ subject, why, fix }) => ({ subject, why, fix })),
  };
  return JSON.stringify(document, undefined, 2);
}

function runPart({ mode, plan, outcomes }: TellableRun) {
  const ends = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
  return {
    dryRun: mode === "planned",
    steps: plan.steps.map(({ step, reason }, index) => {
      const outcome = ends.get(index);
      const ending = outcome?.ending;
      const kernel = "kernel" in step ? step.kernel : stepPair(step)?.kernel;
      return {
        action: step.kind,
        module: moduleOf(step)?.name ?? null,
        version: moduleOf(step)?.version ?? null,
        kernel: kernel?.release ?? null,
        arch: kernel?.arch ?? null,
        reason,
        result: ending?.kind ?? (mode === "planned" ? "planned" : "not-attempted"),
        seconds: outcome === undefined ? null : Number(outcome.seconds.toFixed(3)),
        error: errorPart(ending !== undefined && "error" in ending ? ending.error : undefined),
      };
    }),
    findings: plan.findings.map(({ kind, error, pair }) => ({
      kind,
      module: pair?.module.name ?? null,
      version: pair?.module.version ?? null,
      kernel: pair?.kernel.release ?? null,
      arch: pair?.kernel.arch ?? null,
      error: errorPart(error),
    })),
  };
}

function moduleOf(step: Step): ModuleId | undefined {
  return "module" in step ? step.module : stepPair(step)?.module;
}

function errorPart(error: DkmsError | undefined) {
  if (error === undefined) return null;
  const { path, log, hint, excerpt } = error.facts;
  return {
    code: error.code,
    message: error.message,
    path: path ?? null,
    log: log ?? null,
    hint: hint ?? null,
    excerpt: excerpt ?? [],
  };
}
