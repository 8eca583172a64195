/** The terminal, where there is one. */
import { isatty } from "node:tty";

/** Columns of the terminal that stderr is, or undefined when it is none; under pacman it is a socket. */
export function terminalColumns(): number | undefined {
  if (!isatty(2)) return undefined;
  const columns = process.stderr.columns;
  return columns > 0 ? columns : 80;
}

/** Milliseconds of a clock that only goes forward. */
export function monotonicTime(): number {
  return performance.now();
}
