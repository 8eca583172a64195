/** Ctrl-C, SIGTERM and the end of pacman: everything that was started is ended, work stops at the next safe point, and the exit status tells the signal. */
import { constants } from "node:os";
import { writeLine } from "../output.ts";
import { endedTransaction } from "./ancestors.ts";
import { killRunning } from "./processes.ts";

/** What a run watches to learn that it shall stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + n after signal n; undefined while nothing has happened. */
  exitCode(): number | undefined;
  /** Gives the signals back their default meaning. */
  release(): void;
}

const watched = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** How often a hook looks whether its transaction is still there. */
const intervalMilliseconds = 1000;

/** Starts to listen. A hook whose pacman was killed ends as if the terminal had hung up. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (number: number): void => {
    exitCode ??= 128 + number;
    killRunning();
    controller.abort();
  };
  const handlers = watched.map((name) => {
    const handler = (): void => stop(constants.signals[name]);
    process.on(name, handler);
    return [name, handler] as const;
  });
  const watch = setInterval(() => {
    if (!endedTransaction()) return;
    clearInterval(watch);
    writeLine(
      "err",
      "==> ERROR: The transaction that started this hook has ended (was pacman killed?). The hook stops.",
    );
    stop(constants.signals.SIGHUP);
  }, intervalMilliseconds).unref();
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release: () => {
      clearInterval(watch);
      for (const [name, handler] of handlers) process.off(name, handler);
    },
  };
}
