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
  /** The day on which it was played, and the version: `2026-11-29, 4f3ed9c`. */
  readonly played?: string;
}

/** Adds a row, a line of JSON, with what `$DKMS_ALPM_PLAYED` says of day and version; nothing is kept when no file is named. */
export function reliabilityRow({ what, fault, tried, survived }: ReliabilityRow): void {
  const file = process.env["DKMS_ALPM_RELIABILITY"];
  const played = process.env["DKMS_ALPM_PLAYED"];
  if (file === undefined || file === "") return;
  appendFileSync(file, `${JSON.stringify({ what, fault, tried, survived, ...(played ? { played } : {}) })}\n`);
}

/**
 * Plays what either survives all its tries or throws, and adds its row. What is thrown is thrown on, and counts as one try
 * that was lost: how far it had come is not known.
 */
export async function countedAs(
  { what, fault, tried }: Omit<ReliabilityRow, "survived" | "played">,
  play: () => void | Promise<void>,
): Promise<void> {
  let counts = { tried: 1, survived: 0 };
  try {
    await play();
    counts = { tried, survived: tried };
  } finally {
    reliabilityRow({ what, fault, ...counts });
  }
}

/** Whether a value, read from such a file, is a row. */
export function isReliabilityRow(value: unknown): value is ReliabilityRow {
  if (typeof value !== "object" || value === null) return false;
  const { what, fault, tried, survived, played = "" } = value as Partial<Record<keyof ReliabilityRow, unknown>>;
  const areWords = [what, fault, played].every((text) => typeof text === "string");
  return areWords && Number.isInteger(tried) && Number.isInteger(survived);
}

/** Sums up rows of one kind that were played with one version; a row of another version takes the place of those before it. */
export function sumUp(rows: readonly ReliabilityRow[]): readonly ReliabilityRow[] {
  const sums = new Map<string, ReliabilityRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.what, row.fault]);
    const former = sums.get(key);
    const isSame = former !== undefined && former.played === row.played;
    const [tried, survived] = isSame ? [former.tried, former.survived] : [0, 0];
    sums.set(key, { ...row, tried: tried + row.tried, survived: survived + row.survived });
  }
  return [...sums.values()];
}

/** Totals in words. Texts that are only read stand apart: there are so many of them that they would hide all else. */
export function totalsOf(rows: readonly ReliabilityRow[]): { readonly faults: string; readonly texts: string } {
  const isText = ({ fault }: ReliabilityRow): boolean => fault === "hostile texts";
  const total = (some: readonly ReliabilityRow[]): string => {
    const sum = (field: "tried" | "survived"): number => some.reduce((count, row) => count + row[field], 0);
    return `${sum("survived")} of ${sum("tried")}`;
  };
  return {
    faults: `${total(rows.filter((row) => !isText(row)))} faults`,
    texts: `${total(rows.filter(isText))} hostile texts`,
  };
}

const numbers = 2;

/** Rows as a table in Markdown, with their sum; day and version where one of them has it. */
export function reliabilityTable(rows: readonly ReliabilityRow[]): string {
  const sum = (field: "tried" | "survived"): number => rows.reduce((total, row) => total + row[field], 0);
  const isDated = rows.some(({ played }) => played !== undefined);
  const line = (words: readonly [string, string, string], counts: readonly [string, string]): readonly string[] => [
    ...words.slice(0, isDated ? 3 : 2),
    ...counts,
  ];
  const cells = [
    line(["what", "fault", "played"], ["tried", "survived"]),
    line(["---", "---", "---"], ["---:", "---:"]),
    ...rows.map(({ what, fault, played = "", tried, survived }) =>
      line([what, fault, played], [String(tried), String(survived)]),
    ),
    line(["all", "", ""], [String(sum("tried")), String(sum("survived"))]),
  ];
  const columns = isDated ? [0, 1, 2, 3, 4] : [0, 1, 2, 3];
  const widths = columns.map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const shown = (cell: string, column: number): string =>
    pad(cell, widths[column] ?? 0, column < columns.length - numbers ? "left" : "right");
  return cells.map((row) => `| ${row.map(shown).join(" | ")} |\n`).join("");
}

/** Numbers stand at the right. */
function pad(cell: string, width: number, side: "left" | "right"): string {
  if (cell.startsWith("---")) return cell.endsWith(":") ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
  return side === "left" ? cell.padEnd(width) : cell.padStart(width);
}

/** The rows of such a table with day and version, without the sum. */
export function parseReliabilityTable(text: string): readonly ReliabilityRow[] {
  return text.split("\n").flatMap((line): ReliabilityRow[] => {
    const [, what = "", fault = "", played = "", tried, survived] =
      /^\| (.*?) +\| (.*?) +\| (\S.*?) +\| +(\d+) \| +(\d+) \|$/.exec(line) ?? [];
    return tried === undefined ? [] : [{ what, fault, played, tried: Number(tried), survived: Number(survived) }];
  });
}
