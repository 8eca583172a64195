/** Words for the outlook of pairs: `dkms why`, and the table of `dkms status` on a terminal. */
import type { Outlook } from "../../model/health/outlook.ts";
import { moduleText, pairWords, type ModuleId } from "../../model/pair.ts";
import { printable } from "../errors.ts";
import { stepWords, type Line } from "../run/lines.ts";

/** What is known of the log of a pair's last build. */
export interface KnownLog {
  readonly path: string;
  readonly failed: boolean;
}

/** The lines of `dkms why` for one pair. */
export function whyLines(outlook: Outlook, log: KnownLog | undefined): readonly Line[] {
  const { pair, state, isWanted, reason, steps, lastFailure } = outlook;
  const failure = lastFailure?.message ?? (log?.failed === true ? "its last build failed" : undefined);
  return [
    `==> ${pairWords(pair)}`,
    `  -> State: ${state}`,
    `  -> Wanted: ${isWanted ? "yes" : "no"}: ${sentence(reason)}`,
    ...(failure === undefined ? [] : [`  -> Last failure: ${failure}`]),
    ...(lastFailure?.excerpt ?? []).slice(0, 3).map((line) => `       ${line}`),
    ...(lastFailure?.hint === undefined ? [] : [`  -> ${lastFailure.hint}`]),
    ...(log === undefined
      ? []
      : [`  -> Log: ${log.path} (dkms log ${moduleText(pair.module)} -k ${pair.kernel.release})`]),
    `  -> The next run would: ${steps.length === 0 ? "do nothing about it" : steps.map(({ step }) => lower(stepWords(step))).join(", then ")}`,
  ].map((text) => ({ stream: "out", text: printable(text) }));
}

/** `dkms why --json`; the shape is documented in docs/run-json.md. */
export function whyJson(
  outlooks: readonly { readonly outlook: Outlook; readonly log: KnownLog | undefined }[],
): string {
  const pairs = outlooks.map(({ outlook, log }) => {
    const { pair, state, isWanted, isSkipped, reason, steps, lastFailure } = outlook;
    return {
      module: pair.module.name,
      version: pair.module.version,
      kernel: pair.kernel.release,
      arch: pair.kernel.arch,
      state,
      wanted: isWanted,
      skipped: isSkipped,
      reason,
      lastFailure: lastFailure ?? null,
      log: log?.path ?? null,
      steps: steps.map(({ step, reason: why }) => ({ action: step.kind, reason: why })),
    };
  });
  return JSON.stringify({ format: 1, pairs }, undefined, 2);
}

/** A row of the table of states. */
export interface TableRow {
  readonly module: ModuleId;
  /** Undefined for a module that is registered and nothing more. */
  readonly kernel: string | undefined;
  readonly isRunning: boolean;
  readonly state: "added" | "broken" | "built" | "installed" | "failed" | "missing" | "skipped" | "supplied";
  readonly package: string | undefined;
  /** Why, for what is not as one would expect. */
  readonly reason: string | undefined;
}

/** A line of the table and how it is coloured. */
export interface TableLine {
  readonly text: string;
  readonly tone: "head" | "good" | "bad" | "quiet" | "plain";
}

const tones: Readonly<Record<TableRow["state"], TableLine["tone"]>> = {
  added: "plain",
  broken: "bad",
  built: "plain",
  installed: "good",
  failed: "bad",
  missing: "bad",
  skipped: "quiet",
  supplied: "good",
};

/** The table: module, kernel, state and package in columns, a reason below its row; no line is longer than the terminal. */
export function statusTable(rows: readonly TableRow[], columns: number): readonly TableLine[] {
  if (rows.length === 0) return [{ text: "No module is registered.", tone: "plain" }];
  const cells = rows.map((row) => [
    moduleText(row.module),
    `${row.kernel ?? "-"}${row.isRunning ? " *" : ""}`,
    row.state,
    row.package ?? "-",
  ]);
  const head = ["MODULE", "KERNEL", "STATE", "PACKAGE"];
  const widths = head.map((title, index) => Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    cut(
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join("  "),
      columns,
    );
  const lines = rows.flatMap((row, index): TableLine[] => [
    { text: line(cells[index] ?? []), tone: tones[row.state] },
    ...(row.reason === undefined ? [] : [{ text: cut(`    ${row.reason}`, columns), tone: "quiet" as const }]),
  ]);
  const legend = rows.some(({ isRunning }) => isRunning)
    ? [{ text: "* the running kernel", tone: "quiet" as const }]
    : [];
  return [{ text: line(head), tone: "head" as const }, ...lines, ...legend].map(({ text, tone }) => {
    return { text: printable(text), tone };
  });
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}~`;
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function lower(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
