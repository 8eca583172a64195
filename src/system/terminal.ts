/** The terminal, where there is one. */
import { isatty } from "node:tty";

/** Columns of the terminal that stderr is, or undefined when it is none; under pacman it is a socket. */
export function terminalColumns(): number | undefined {
  if (!isatty(2)) return undefined;
  const [columns = 0] = process.stderr.getWindowSize();
  return columns > 0 ? columns : 80;
}

/** Calls back when the terminal's size has changed; returns what ends that. */
export function watchResizes(changed: () => void): () => void {
  process.on("SIGWINCH", changed);
  return () => void process.off("SIGWINCH", changed);
}

/** Milliseconds of a clock that only goes forward. */
export function monotonicTime(): number {
  return performance.now();
}
