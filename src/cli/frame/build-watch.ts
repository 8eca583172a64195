/** Follows the builds that are at work: since when, and how far each has got. */
import type { Layout } from "../../model/machine/layout.ts";
import { pairKey, type Pair } from "../../model/pair.ts";
import type { Event } from "../../model/run/outcome.ts";
import { countSourceFiles, ProgressReader, readLastBuild, type LastBuild } from "../../observe/build-progress.ts";
import { monotonicTime } from "../../system/terminal.ts";
import type { RunningBuild } from "../../tell/run/hook-lines.ts";

interface Watched {
  readonly pair: Pair;
  readonly began: number;
  readonly reader: ProgressReader;
  readonly files: number;
  phase: RunningBuild["phase"];
}

/** Knows what is at work, and how long such a build took the last time. */
export class BuildWatch {
  readonly #layout: Layout;
  readonly #running = new Map<string, Watched>();
  readonly #last = new Map<string, LastBuild | undefined>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Takes note of what the executor tells. */
  event(event: Event): void {
    if (event.kind === "ended" && "pair" in event.outcome.planned.step) this.ended(event.outcome.planned.step.pair);
    if (event.kind === "begun" && event.planned.step.kind === "install") this.#installs(event.planned.step.pair);
    if (event.kind !== "phase") return;
    const { pair, phase, log, source } = event;
    const known = this.#running.get(pairKey(pair));
    if (phase !== "preparing" && known !== undefined) {
      known.phase = phase;
      return;
    }
    const files = this.last(pair)?.compiled || countSourceFiles(source);
    this.#running.set(pairKey(pair), { pair, began: monotonicTime(), reader: new ProgressReader(log), files, phase });
  }

  #installs(pair: Pair): void {
    const reader = new ProgressReader("");
    this.#running.set(pairKey(pair), { pair, began: monotonicTime(), reader, files: 0, phase: "installing" });
  }

  /** A build is over. */
  ended(pair: Pair): void {
    this.#running.delete(pairKey(pair));
  }

  /** The builds at work, as they are now. */
  running(): readonly RunningBuild[] {
    return [...this.#running.values()].map(({ pair, began, reader, files, phase }) => ({
      pair,
      phase,
      files,
      seconds: (monotonicTime() - began) / 1000,
      ...reader.read(),
    }));
  }

  /** The last build of the same module; its log is overwritten when this one ends. */
  last(pair: Pair): LastBuild | undefined {
    const key = pairKey(pair);
    if (!this.#last.has(key)) this.#last.set(key, readLastBuild(this.#layout, pair));
    return this.#last.get(key);
  }
}
