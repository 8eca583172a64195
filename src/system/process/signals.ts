/** Ctrl-C and SIGTERM: everything that was started is ended, work stops at the next safe point, and the exit code tells the signal. */
import { killRunning } from "./processes.ts";

/** What a run watches to learn that it shall stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + n after signal n; undefined while nothing has happened. */
  exitCode(): number | undefined;
  /** Gives the signals back their default meaning. */
  release(): void;
}

const watched = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Starts to listen. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const handlers = Object.entries(watched).map(([name, number]) => {
    const handler = (): void => {
      exitCode ??= 128 + number;
      killRunning();
      controller.abort();
    };
    process.on(name, handler);
    return [name, handler] as const;
  });
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release: () => {
      for (const [name, handler] of handlers) process.off(name, handler);
    },
  };
}
