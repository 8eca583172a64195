/** Output of a run: lines as they come and, on a terminal, one line of progress below them. */
import type { Event } from "../../model/run/outcome.ts";
import type { Plan } from "../../model/run/plan.ts";
import { write, writeLine } from "../../system/output.ts";
import { monotonicTime, terminalColumns } from "../../system/terminal.ts";
import { eventLines, type Line, type Verbosity } from "../../tell/lines.ts";
import { initialProgress, nextProgress, progressLine, type ProgressState } from "../../tell/progress.ts";

/** How often the line of progress is drawn, in milliseconds. */
const interval = 500;
const clearLine = "\r\u001b[K";

/** Tells the events of one plan; `close` must be called at its end. */
export class LiveOutput {
  readonly #verbosity: Verbosity | "silent";
  readonly #columns = terminalColumns();
  readonly #timer: NodeJS.Timeout | undefined;
  #progress: ProgressState;
  #drawn = "";

  /** With `silent` an event has no lines of its own. */
  constructor(plan: Plan, verbosity: Verbosity | "silent") {
    this.#verbosity = verbosity;
    this.#progress = initialProgress(plan);
    if (this.#columns !== undefined) this.#timer = setInterval(() => this.#draw(), interval);
  }

  /** Tells one event. */
  readonly event = (event: Event): void => {
    this.#progress = nextProgress(this.#progress, event, monotonicTime());
    const lines = this.#verbosity === "silent" ? [] : eventLines(event, this.#verbosity);
    if (lines.length > 0) this.#clear();
    for (const line of lines) tellLine(line);
    this.#draw();
  };

  /** Tells something else. */
  readonly print = (line: Line): void => {
    this.#clear();
    tellLine(line);
    this.#draw();
  };

  /** Takes the line of progress away. */
  close(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    if (this.#columns === undefined) return;
    const line = progressLine(this.#progress, monotonicTime(), this.#columns);
    if (line === this.#drawn) return;
    write("err", `${clearLine}${line}`);
    this.#drawn = line;
  }

  #clear(): void {
    if (this.#drawn === "") return;
    write("err", clearLine);
    this.#drawn = "";
  }
}

/** Writes a line to its stream. */
export function tellLine(line: Line): void {
  writeLine(line.stream, line.text);
}
