/** Runs a program and looks at its output line by line while it runs, so that a program that says too much is stopped in time. */
import { run, type RunOptions } from "./processes.ts";

/** How to run it. */
export interface LineStreamOptions extends Pick<RunOptions, "environment" | "signal"> {
  /** Gets every line without its end, as the bytes in Latin-1; `enough` ends the program. */
  readonly onLine: (line: string) => "more" | "enough";
  /** Longest line in bytes; a longer one ends the program. */
  readonly longestLine: number;
  readonly timeoutSeconds: number;
}

/** How it ended. */
export interface LineStreamResult {
  /** `stopped`: `onLine` had enough; `too-long`: a line was longer than allowed; `late`: the time was up. */
  readonly end: "exited" | "stopped" | "too-long" | "late";
  /** As of every program that is run. */
  readonly status: number;
  readonly stderr: string;
}

/** Runs a program as `run` does, and gives away its lines as they come. */
export async function readLines(
  argv: readonly [string, ...string[]],
  { onLine, longestLine, ...options }: LineStreamOptions,
): Promise<LineStreamResult> {
  let end: "exited" | "stopped" | "too-long" = "exited";
  let rest = "";
  const onOutput = (part: Buffer): "more" | "enough" => {
    if (end !== "exited") return "enough";
    const lines = `${rest}${part.toString("latin1")}`.split("\n");
    rest = lines.pop() ?? "";
    if (lines.some((line) => onLine(line) === "enough")) end = "stopped";
    else if (rest.length > longestLine) end = "too-long";
    return end === "exited" ? "more" : "enough";
  };
  const { status, stderr, limit } = await run(argv, { ...options, onOutput });
  return { end: limit === "time" ? "late" : end, status, stderr };
}
