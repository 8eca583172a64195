/** Output of a hook: pacman passes lines on, and nothing can be drawn over. While builds run, it is never silent for long. */
import type { Layout } from "../../model/machine/layout.ts";
import type { Kernel } from "../../model/machine/world.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { Plan } from "../../model/run/plan.ts";
import { monotonicTime } from "../../system/terminal.ts";
import { HookLines, type HookLinesOrder } from "../../tell/run/hook-lines.ts";
import type { Line } from "../../tell/run/lines.ts";
import { userNames } from "../../tell/names.ts";
import { BuildWatch } from "./build-watch.ts";
import { tellLine } from "./live-output.ts";

/** After so many milliseconds without a line each build gives a sign of life. */
const longestSilence = 20_000;
/** So long what is known already waits for more of it. */
const patience = 2000;

/** What is carried out, and where. */
export interface HookWork {
  readonly plan: Plan;
  readonly layout: Layout;
  readonly kernels: readonly Kernel[];
  readonly verb: HookLinesOrder["verb"];
}

/** Tells the events of one plan; `close` must be called at its end. */
export class HookOutput {
  readonly #watch: BuildWatch;
  readonly #lines: HookLines;
  readonly #names: (text: string) => string;
  readonly #timer: NodeJS.Timeout;
  #spoken = monotonicTime();
  #learned = 0;

  constructor({ plan, layout, kernels, verb }: HookWork) {
    this.#watch = new BuildWatch(layout);
    const last = (pair: Parameters<HookLinesOrder["last"]>[0]): number | undefined => this.#watch.last(pair)?.seconds;
    this.#lines = new HookLines({ plan, verbosity: "brief", verb, last });
    this.#names = userNames(kernels);
    this.#timer = setInterval(() => this.#tick(), 500);
  }

  /** Tells one event. */
  readonly event = (event: Event): void => {
    this.#watch.event(event);
    this.#tell(this.#lines.event(event));
  };

  /** Tells how a test build ended. */
  readonly tested = (end: Parameters<HookLines["tested"]>[0]): void => {
    this.#watch.ended(end.pair);
    this.#tell(this.#lines.tested(end));
  };

  /** Tells what was held back. */
  close(): void {
    clearInterval(this.#timer);
    this.#tell(this.#lines.known());
  }

  #tick(): void {
    const now = monotonicTime();
    if (this.#lines.hasKnown && now - this.#learned >= patience) this.#tell(this.#lines.known());
    if (now - this.#spoken >= longestSilence) this.#tell(this.#lines.heartbeat(this.#watch.running()));
  }

  #tell(lines: readonly Line[]): void {
    this.#learned = this.#lines.hasKnown ? this.#learned || monotonicTime() : 0;
    for (const { stream, text } of lines) tellLine({ stream, text: this.#names(text) });
    if (lines.length > 0) this.#spoken = monotonicTime();
  }
}
