/** Commands with a time limit whose output is kept whole. */
import { type ChildProcess, spawn } from "node:child_process";

/** How a command ended. */
export interface CommandResult {
  readonly argv: readonly string[];
  /** The exit status; null when a signal ended the command. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order of arrival. */
  readonly output: string;
}

export interface CommandOptions {
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Seconds after which the command and its process group are killed and an error is thrown. */
  readonly timeout?: number | undefined;
}

/** A command under way. */
export interface Command {
  readonly result: Promise<CommandResult>;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Sends a signal to the whole process group. */
  kill(signal: NodeJS.Signals): void;
  /** Waits until the output so far matches; throws when the command ends without. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** Starts a command in a process group of its own. */
export function startCommand(argv: readonly string[], options: CommandOptions = {}): Command {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A command that does not read its input is no error.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const text = { stdout: "", stderr: "", output: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      text.output += chunk;
    });
  }
  const result = settled(argv, child, options.timeout ?? 60, text);
  let ended = false;
  const mark = (): void => void (ended = true);
  result.then(mark, mark);
  return {
    result,
    output: () => text.output,
    kill: (signal) => killGroup(child, signal),
    waitFor: async (pattern) => {
      while (!pattern.test(text.output)) {
        if (ended) throw new Error(`${argv.join(" ")} ended without printing ${pattern}:\n${text.output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Runs a command to its end; a bad exit status is not an error here. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startCommand(argv, options).result;
}

/** Runs a command that has to succeed, and gives its standard output; otherwise throws with all that it printed. */
export async function need(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, { timeout: 300, ...options });
  if (result.status !== 0) throw new Error(`${argv.join(" ")} failed (${result.status}):\n${result.output}`);
  return result.stdout;
}

/** What a test allows a command is meant for a quick and quiet machine: any other gets so many times as long. */
const leniency = 10;

function settled(
  argv: readonly string[],
  child: ChildProcess,
  seconds: number,
  text: Readonly<Record<"stdout" | "stderr" | "output", string>>,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const limit = seconds * leniency;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child, "SIGKILL");
      // A process that left the group may still hold the output open: do not wait for it.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, limit * 1000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (late) reject(new Error(`${argv.join(" ")}: no end after ${limit} s\n${text.output}`));
      else resolve({ argv, status, signal, ...text });
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}
