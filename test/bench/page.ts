/** The part of docs/speed.md that says what was measured: a table for each machine, from what `scripts/bench --json` has written. */
import { verdict, type Row } from "./row.ts";
import type { BenchMachine } from "./this-machine.ts";

/** One run of scripts/bench, as its `--json` writes it. */
export interface BenchRun {
  readonly format: 1;
  readonly date: string;
  readonly machine: BenchMachine;
  /** Rounds of what takes seconds and more. */
  readonly runs: number;
  readonly rows: readonly Row[];
}

/** Reads such a file; throws when it is none. */
export function readBenchRun(text: string): BenchRun {
  const run = JSON.parse(text) as Partial<BenchRun> | null;
  if (run?.format !== 1 || !Array.isArray(run.rows) || typeof run.date !== "string" || run.machine === undefined) {
    throw new Error("This is nothing that scripts/bench --json has written.");
  }
  return run as BenchRun;
}

const [begin, end] = ["<!-- what was measured: written by scripts/speed.ts -->", "<!-- end of what was measured -->"];

/** The page with the tables of these runs in place of those that it had; throws when it has no place for them. */
export function pageWith(page: string, runs: readonly BenchRun[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error("The page has no place for what was measured.");
  return `${page.slice(0, from + begin.length)}\n\n${tables(runs).join("\n\n")}\n\n${page.slice(to)}`;
}

function tables(runs: readonly BenchRun[]): readonly string[] {
  const heads = new Set(runs.map(headOf));
  return [...heads].flatMap((head) => {
    const lines = runs.filter((run) => headOf(run) === head).flatMap((run) => run.rows.map((row) => line(row, run)));
    const names = ["what", "floor", "ours", "reference", "bar", "rounds", "date"];
    return [head, [cells(names), cells(names.map(() => "---")), ...lines].join("\n")];
  });
}

function headOf({ machine }: BenchRun): string {
  const { processors, processor, memoryMiB, node } = machine;
  return `On ${processors} processors (${processor}) with ${Math.round(memoryMiB / 1024)} GiB, Node ${node}:`;
}

function line(row: Row, { runs, date }: BenchRun): string {
  const { title, floor, ours, reference, measure, bars } = row;
  const figures = [floor, ours, reference].map((value) => figure(value, measure));
  const held = bars.map((bar) => {
    const value = Number(bar.value.toPrecision(4));
    return `${verdict(bar) === "met" ? "" : "**missed**: "}${value} ${bar.words}, at most ${Number(bar.atMost.toFixed(3))}`;
  });
  return cells([title, ...figures, held.join("; "), String(runs), date]);
}

function cells(words: readonly string[]): string {
  return `| ${words.map((word) => word.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** `84.0 s`, `31.2 ms`, `84.0 s of processors`, `60 MiB`, `13.1 µs a pair`. */
function figure(value: number | undefined, measure: Row["measure"]): string {
  if (value === undefined) return "";
  if (measure === "MiB") return `${Math.round(value)} MiB`;
  if (measure === "microseconds a pair") return `${value.toFixed(1)} µs a pair`;
  const time = value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(1)} ms`;
  return measure === "milliseconds" ? time : `${time} of processors`;
}
