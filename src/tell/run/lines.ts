/** Plain lines for plans and outcomes, in the marks that pacman's own scripts use: `==>` for what happens, `  ->` for details. */
import type { DkmsError } from "../../model/errors.ts";
import type { Event, Outcome } from "../../model/run/outcome.ts";
import { kernelWords, moduleText, pairWords } from "../../model/pair.ts";
import type { Finding, PlannedStep, Step } from "../../model/run/plan.ts";
import { errorLines, printable } from "../errors.ts";

/** A line and the stream that it belongs to. */
export interface Line {
  readonly stream: "out" | "err";
  readonly text: string;
}

/** How much is said: `brief` inside a transaction, where every line costs attention; `normal` to a person who asked; `verbose` with every detail. */
export type Verbosity = "brief" | "normal" | "verbose";

/** The lines for what the executor tells. */
export function eventLines(event: Event, verbosity: Verbosity): readonly Line[] {
  switch (event.kind) {
    case "begun":
      return begun(event.planned, verbosity);
    case "phase":
      return [];
    case "note":
      if (event.level === "warning") return [err(`==> WARNING: ${printable(event.text)}`)];
      if (verbosity === "brief" || (verbosity === "normal" && event.level === "detail")) return [];
      return [out(`  -> ${printable(event.text)}`)];
    case "output":
      return [{ stream: event.stream, text: printable(event.text) }];
    case "ended":
      return ended(event.outcome, verbosity);
  }
}

/** The lines for what needs no step. */
export function findingLines(finding: Finding): readonly Line[] {
  const [first = "", ...rest] = errorLines(finding.error);
  if (finding.error.code === "kernels-left-out") return [out(`==> ${first}`)];
  if (finding.kind === "skip") {
    const why = finding.error.facts.excerpt?.join("; ");
    return [out(`==> ${first}${why === undefined ? " Skipped." : ` Skipped: ${printable(why)}`}`)];
  }
  const mark = finding.kind === "refusal" ? "ERROR" : "WARNING";
  return [err(`==> ${mark}: ${first}`), ...rest.map((line) => err(`  -> ${line}`))];
}

/** `DIRECTIVE: AUTOINSTALL="yes"`, as the reference tells what `--directive` sets. */
export function directiveLine(assignment: string): Line {
  const [name = "", ...value] = assignment.split("=");
  return out(printable(`DIRECTIVE: ${name}="${value.join("=")}"`));
}

/** A plan's steps and findings for `--dry-run`. */
export function planLines(steps: readonly PlannedStep[], findings: readonly Finding[]): readonly Line[] {
  return [
    ...findings.flatMap(findingLines),
    ...steps.map(({ step, reason }) => out(`${stepWords(step)}: ${printable(reason)}`)),
    ...(steps.length + findings.length === 0 ? [out("Nothing to do.")] : []),
  ];
}

/** `Build zfs/2.2.2 for 6.6.1-arch1-1 (x86_64)` */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case "import":
      return `Copy the source of ${moduleText(step.module)} from ${step.from} to ${step.to}`;
    case "add":
      return `Add ${moduleText(step.module)} from ${step.source}`;
    case "build":
      return `Build ${pairWords(step.pair)}`;
    case "install":
      return step.replaces.length === 0
        ? `Install ${pairWords(step.pair)}`
        : `Install ${pairWords(step.pair)} in place of ${step.replaces.map(moduleText).join(", ")}`;
    case "uninstall":
      return `Uninstall ${pairWords(step.pair)}`;
    case "unbuild":
      return `Delete the build of ${pairWords(step.pair)}`;
    case "deregister":
      return `Forget ${moduleText(step.module)}`;
    case "tidy":
      return `Clean up after kernel ${step.kernel.release}`;
    case "depmod":
      return `Run depmod for ${kernelWords(step.kernel)}`;
  }
}

function begun({ step, reason }: PlannedStep, verbosity: Verbosity): readonly Line[] {
  // A build takes its time, so it is announced; everything else is told when it is done.
  if (step.kind === "build") return [out(`==> Building ${pairWords(step.pair)}`)];
  return verbosity === "verbose" ? [out(`==> ${stepWords(step)} (${printable(reason)})`)] : [];
}

function ended({ planned: { step }, ending, seconds }: Outcome, verbosity: Verbosity): readonly Line[] {
  switch (ending.kind) {
    case "done":
      return done(step, seconds, verbosity);
    case "unchanged":
      if (ending.remark !== undefined) return remarkLines(ending.remark);
      return verbosity === "verbose" ? [out(`  -> ${stepWords(step)}: ${printable(ending.why)}`)] : [];
    case "failed": {
      const [first = "", ...rest] = errorLines(ending.error);
      return [err(`==> ERROR: ${first}`), ...rest.map((line) => err(`  -> ${line}`))];
    }
    case "not-attempted": {
      // That a former version stays where its successor failed is told with that failure.
      if (ending.cause !== "dependency" || (step.kind !== "build" && step.kind !== "install")) return [];
      const [first = ""] = errorLines(ending.error);
      return [err(`==> WARNING: ${first}`)];
    }
  }
}

function remarkLines(remark: DkmsError): readonly Line[] {
  const [first = "", ...rest] = errorLines(remark);
  return [out(`==> ${first}`), ...rest.map((line) => out(`  -> ${line}`))];
}

function done(step: Step, seconds: number, verbosity: Verbosity): readonly Line[] {
  switch (step.kind) {
    case "import":
      return [out(`==> Copied the source of ${moduleText(step.module)} to ${step.to}`)];
    case "add":
      return verbosity === "brief" ? [] : [out(`==> Added ${moduleText(step.module)}`)];
    case "build":
      return [out(`==> Built ${pairWords(step.pair)} in ${seconds.toFixed(1)} s`)];
    case "install":
      return [out(`==> Installed ${pairWords(step.pair)}`)];
    case "uninstall":
      return [out(`==> Uninstalled ${pairWords(step.pair)}`)];
    case "unbuild":
      return verbosity === "brief" ? [] : [out(`==> Deleted the build of ${pairWords(step.pair)}`)];
    case "deregister":
      return [out(`==> Removed ${moduleText(step.module)}`)];
    case "tidy":
    case "depmod":
      return verbosity === "verbose" ? [out(`==> ${stepWords(step)}: done`)] : [];
  }
}

const out = (text: string): Line => ({ stream: "out", text });
const err = (text: string): Line => ({ stream: "err", text });
