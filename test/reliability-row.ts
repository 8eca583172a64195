/** Results of tests that try one thing many times, as rows of docs/reliability.md: they are added to the file that `$DKMS_ALPM_RELIABILITY` names. */
import { appendFileSync } from "node:fs";

/** What was done to the program how often, and how often everything was as it should be afterwards. */
export interface ReliabilityRow {
  /** What was going on: `install hook`, `dkms.conf fuzzing`. */
  readonly what: string;
  /** What was done to it: `killed`, `ENOSPC`, `random bytes`. */
  readonly fault: string;
  readonly tried: number;
  readonly survived: number;
}

/** Adds a row, a line of JSON; nothing is kept when no file is named. */
export function reliabilityRow({ what, fault, tried, survived }: ReliabilityRow): void {
  const file = process.env["DKMS_ALPM_RELIABILITY"];
  if (file === undefined || file === "") return;
  appendFileSync(file, `${JSON.stringify({ what, fault, tried, survived })}\n`);
}

/** Whether a value, read from such a file, is a row. */
export function isReliabilityRow(value: unknown): value is ReliabilityRow {
  if (typeof value !== "object" || value === null) return false;
  const { what, fault, tried, survived } = value as Partial<Record<keyof ReliabilityRow, unknown>>;
  const areWords = typeof what === "string" && typeof fault === "string";
  return areWords && Number.isInteger(tried) && Number.isInteger(survived);
}

/** Rows as a table in Markdown, with their sum. */
export function reliabilityTable(rows: readonly ReliabilityRow[]): string {
  const sum = (field: "tried" | "survived"): number => rows.reduce((total, row) => total + row[field], 0);
  const cells = [
    ["what", "fault", "tried", "survived"],
    ["---", "---", "---:", "---:"],
    ...rows.map((row) => [row.what, row.fault, String(row.tried), String(row.survived)]),
    ["all", "", String(sum("tried")), String(sum("survived"))],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(" | ")} |\n`)
    .join("");
}

/** The third and fourth column are numbers, which stand at the right. */
function pad(cell: string, width: number, column: number): string {
  if (cell.startsWith("---")) return cell.endsWith(":") ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
