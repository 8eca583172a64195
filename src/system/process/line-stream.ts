/** Runs a program and looks at its output line by line while it runs, so that a program that says too much is stopped in time. */
import { spawn } from "node:child_process";
import { childEnvironment } from "../environment.ts";
import { findProgram } from "./processes.ts";
import { startFailure } from "./start-failure.ts";

/** How to run it. */
export interface LineStreamOptions {
  /** Gets every line without its end, as the bytes in Latin-1; `enough` ends the program. */
  readonly onLine: (line: string) => "more" | "enough";
  /** Longest line in bytes; a longer one ends the program. */
  readonly longestLine: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the program and all that it started. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutSeconds: number;
}

/** How it ended. */
export interface LineStreamResult {
  /** `stopped`: `onLine` had enough; `too-long`: a line was longer than allowed; `late`: the time was up. */
  readonly end: "exited" | "stopped" | "too-long" | "late";
  /** Exit status; 127 when it could not be started, -1 when it was killed. */
  readonly status: number;
  /** The first part of what it wrote there. */
  readonly stderr: string;
}

/** As much of stderr as explains a failure, in bytes. */
const keptErrors = 16_384;

/** Runs a program with stdin empty in a process group of its own; a status other than 0 is a result, not an error. */
export async function readLines(
  argv: readonly [string, ...string[]],
  options: LineStreamOptions,
): Promise<LineStreamResult> {
  const [program, ...words] = argv;
  const file = findProgram(program);
  if (file === undefined) return { end: "exited", status: 127, stderr: `${program}: not found` };
  const child = spawn(file, words, {
    cwd: "/",
    env: childEnvironment(options.environment),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let end: LineStreamResult["end"] = "exited";
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing of it is left.
    }
  };
  const stop = (reason: Exclude<LineStreamResult["end"], "exited">): void => {
    if (end === "exited") end = reason;
    kill();
  };

  let rest = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    if (end !== "exited") return;
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (options.onLine(line) === "enough") return stop("stopped");
    if (rest.length > options.longestLine) stop("too-long");
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = `${stderr}${text}`.slice(0, keptErrors);
  });

  const timer = setTimeout(() => stop("late"), options.timeoutSeconds * 1000);
  options.signal?.addEventListener("abort", kill);
  if (options.signal?.aborted === true) kill();
  try {
    const status = await new Promise<number | null>((resolve) => {
      child.on("error", (error) => {
        stderr = startFailure(program, error).message;
        resolve(127);
      });
      child.on("close", resolve);
    });
    return { end, status: status ?? -1, stderr };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
  }
}
