/** Output of a run: on a terminal one line for each pair, and what is at work below them; plain lines everywhere else. */
import type { Layout } from "../../model/machine/layout.ts";
import type { Kernel } from "../../model/machine/world.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { Plan } from "../../model/run/plan.ts";
import { knowsSequences } from "../../system/colours.ts";
import { write, writeLine } from "../../system/output.ts";
import { terminalColumns, watchResizes } from "../../system/terminal.ts";
import { HookLines } from "../../tell/run/hook-lines.ts";
import { eventLines, type Line, type Verbosity } from "../../tell/run/lines.ts";
import { userNames } from "../../tell/names.ts";
import { initialProgress, nextProgress, progressLines, type ProgressState } from "../../tell/run/progress.ts";
import { BuildWatch } from "./build-watch.ts";

/** How often it is drawn, in milliseconds. */
const interval = 250;

/** What is carried out, and how much is told of it. */
interface LiveWork {
  readonly plan: Plan;
  readonly layout: Layout;
  readonly kernels: readonly Kernel[];
  /** `silent`: of a test, whose builds end with `tested`; only warnings are told of what happens meanwhile. */
  readonly verbosity: Verbosity | "silent";
}

/** Tells the events of one plan; `close` must be called at its end. */
export class LiveOutput {
  readonly #screen: Screen | undefined;
  readonly #verbosity: LiveWork["verbosity"];
  readonly #lines: HookLines;
  readonly #names: (text: string) => string;

  constructor(work: LiveWork) {
    this.#verbosity = work.verbosity;
    this.#lines = hookLines(work);
    this.#names = userNames(work.kernels);
    const isBuilding = work.plan.steps.some(({ step }) => step.kind === "build");
    if (isBuilding && work.verbosity !== "verbose" && knowsSequences() && terminalColumns() !== undefined)
      this.#screen = new Screen(work);
  }

  /** Tells one event. */
  readonly event = (event: Event): void => {
    if (this.#screen !== undefined) this.#screen.event(event);
    else if (this.#verbosity !== "silent") eventLines(event, this.#verbosity).forEach(tellLine);
    else if (event.kind === "note") this.#print(this.#lines.event(event));
  };

  /** Tells how a test build ended. */
  readonly tested = (end: Parameters<HookLines["tested"]>[0]): void => {
    if (this.#screen === undefined) this.#print(this.#lines.tested(end));
    else this.#screen.tested(end);
  };

  #print(lines: readonly Line[]): void {
    for (const { stream, text } of lines) tellLine({ stream, text: this.#names(text) });
  }

  /** Takes away what is drawn. */
  close(): void {
    if (this.#screen === undefined) this.#print(this.#lines.known());
    else this.#screen.close();
  }
}

function hookLines({ plan, verbosity }: LiveWork): HookLines {
  const isTest = verbosity === "silent";
  return new HookLines({
    plan,
    verbosity: isTest ? "brief" : verbosity,
    verb: isTest ? "Test-building" : "Building",
    last: () => undefined,
  });
}

/** A terminal with a block of lines at its end that is drawn again and again. */
class Screen {
  readonly #lines: HookLines;
  readonly #watch: BuildWatch;
  readonly #names: (text: string) => string;
  readonly #timer: NodeJS.Timeout;
  readonly #endWatch: () => void;
  #progress: ProgressState;
  #drawn: readonly string[] = [];

  constructor(work: LiveWork) {
    const { plan, layout, kernels } = work;
    this.#watch = new BuildWatch(layout);
    this.#lines = hookLines(work);
    this.#names = userNames(kernels);
    this.#progress = initialProgress(plan);
    this.#timer = setInterval(() => this.#draw(), interval);
    this.#endWatch = watchResizes(() => this.#draw());
  }

  event(event: Event): void {
    this.#progress = nextProgress(this.#progress, event);
    this.#watch.event(event);
    // That a build begins is what the block shows.
    this.#tell(event.kind === "phase" ? [] : this.#lines.event(event));
  }

  tested(end: Parameters<HookLines["tested"]>[0]): void {
    const { ended, failed } = this.#progress;
    this.#progress = { ...this.#progress, ended: ended + 1, failed: failed + (end.failed ? 1 : 0) };
    this.#watch.ended(end.pair);
    this.#tell(this.#lines.tested(end));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#endWatch();
    this.#clear();
    this.#tell(this.#lines.known());
    this.#clear();
  }

  #tell(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#clear();
    for (const { stream, text } of lines) tellLine({ stream, text: this.#names(text) });
  }

  #draw(): void {
    const running = this.#watch.running().map((build) => ({
      ...build,
      last: build.phase === "installing" ? undefined : this.#watch.last(build.pair)?.seconds,
    }));
    const lines = progressLines(this.#progress, running, terminalColumns() ?? 80);
    this.#clear();
    if (lines.length > 0) write("err", lines.join("\n"));
    this.#drawn = lines;
  }

  /** Goes up to where the block begins and clears the rest: in a terminal that has become narrower, a line of it takes several rows. */
  #clear(): void {
    if (this.#drawn.length === 0) return;
    const columns = terminalColumns() ?? 80;
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
    write("err", `\r${rows > 1 ? `\u001b[${rows - 1}A` : ""}\u001b[J`);
    this.#drawn = [];
  }
}

/** Writes a line to its stream. */
export function tellLine(line: Line): void {
  writeLine(line.stream, line.text);
}
