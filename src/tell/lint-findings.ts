/** Words for what linters have found wrong with files. */
import type { HookFinding } from "../alpm/hook/lint.ts";
import { printable } from "./errors.ts";
import type { Line } from "./run/lines.ts";

/** One file and what was found in it. */
export interface LintedFile {
  readonly path: string;
  readonly findings: readonly (Pick<HookFinding, "severity" | "what" | "why" | "fix"> & {
    /** Undefined for what concerns the file as a whole. */
    readonly line: number | undefined;
    readonly code: string;
  })[];
}

/** Three lines for a finding: `FILE:LINE: error: what`, then why it matters and what to do. Data of a linter: on stdout. */
export function findingLines(files: readonly LintedFile[]): readonly Line[] {
  return files.flatMap(({ path, findings }) =>
    findings.flatMap(({ line, severity, what, why, fix }) => [
      out(`${path}:${line === undefined ? "" : `${line}:`} ${severity}: ${what}`),
      out(`    ${why}`),
      out(`    ${fix}`),
    ]),
  );
}

/** `3 hook files: 1 error, 2 warnings`; the noun is what the files are. */
export function lintSummary(files: readonly LintedFile[], noun: string): string {
  const all = files.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === "error").length;
  return `${count(files.length, noun)}: ${count(errors, "error")}, ${count(all.length - errors, "warning")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function out(text: string): Line {
  return { stream: "out", text: printable(text) };
}
