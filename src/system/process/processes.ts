/** Starts programs: argument lists only, never a shell; each in a process group of its own, so that a build ends with all its compilers. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { constants as system } from "node:os";
import type { Options } from "execa";
import { childEnvironment, confinedEnvironment, systemPath } from "../environment.ts";
import { missingDevices } from "./start-failure.ts";
import { afterSeconds } from "./timer.ts";

/** How to start a program. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment that every child gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to the program on stdin; without it stdin is empty. */
  readonly input?: string;
  /** A file that the program reads on stdin, from an offset on. */
  readonly inputFile?: { readonly path: string; readonly offset: number };
  /** `latin1`: every byte of the output is one character; without it the output is UTF-8. */
  readonly encoding?: "latin1";
  /** Both streams are appended to this file instead of being returned. */
  readonly log?: string;
  /** `inherit`: the program writes to our own streams. */
  readonly output?: "capture" | "inherit";
  /** Gets what the program writes to stdout, which is not returned then; `enough` ends the program. */
  readonly onOutput?: (part: Buffer) => "more" | "enough";
  /** Ends the program and all that it started. */
  readonly signal?: AbortSignal | undefined;
  /** The program is stopped after so long; without it after `usualSeconds`, never with 0. */
  readonly timeoutSeconds?: number;
  /** Descriptors that the program gets as 3, 4, ... */
  readonly descriptors?: readonly number[];
  /** Who it runs as, with no other groups; we ourselves without it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** `environment` is all that it gets, but for PATH. */
  readonly bare?: boolean;
}

/** How a program ended. */
export interface RunResult {
  /** Exit status; 128 + n after signal n, 127 when it could not be started, as a shell tells it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** The limit for which it was stopped; the last line of `stderr` says so. */
  readonly limit?: "time" | "output";
}

/** What any program may take that is no build: long enough for a slow disk, short enough that pacman is not blocked for ever. */
const usualSeconds = 900;

/** Bytes of each stream; a program that writes more is in error. Data, which is read as Latin-1, may be a kernel object with all its debug information. */
const longestOutput = { utf8: 32 * 1024 ** 2, latin1: 256 * 1024 ** 2 } as const;

/** A daemon may inherit the streams of the program that started it: so long after that program's end its output is taken as complete. */
const graceMilliseconds = 300;

const running = new Set<number>();

/** Runs a program and waits for its end; a status that is not 0 is a result, not an error. Throws `tool-missing` where there is no /dev/null. */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const { execa } = await import("execa");
  const [program, ...words] = argv;
  const file = program.includes("/") ? program : (findProgram(program) ?? program);
  const destination = options.log !== undefined ? { file: options.log, append: true } : (options.output ?? "pipe");
  const stream = destination === "capture" ? "pipe" : destination;
  const opened = options.inputFile === undefined ? undefined : openAt(options.inputFile.path, options.inputFile.offset);
  const extra = (options.descriptors ?? []).map((descriptor) => descriptor);
  const child = execa(file, words, {
    cwd: options.cwd ?? "/",
    env: options.bare === true ? confinedEnvironment(options.environment) : childEnvironment(options.environment),
    extendEnv: false,
    ...options.user,
    ...(options.input === undefined ? {} : { input: options.input }),
    stdio: [opened ?? (options.input === undefined ? "ignore" : "pipe"), stream, stream, ...extra],
    // A group of its own, killed as a whole: cancelling a shell would leave its compilers behind.
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
    // Collected here: execa would put all of it into a message once more, character by character.
    buffer: false,
  } as Options);
  const group = child.pid;
  if (group !== undefined) running.add(group);
  const end = (): void => killGroup(group);
  options.signal?.addEventListener("abort", end);
  if (options.signal?.aborted === true) end();
  const seconds = options.timeoutSeconds ?? usualSeconds;
  let limit: RunResult["limit"];
  const stop = (reached: "time" | "output"): void => {
    limit ??= reached;
    end();
  };
  const timer = seconds === 0 ? undefined : afterSeconds(seconds, () => stop("time"));
  const encoding: "utf8" | "latin1" = options.encoding ?? "utf8";
  const longest = longestOutput[encoding];
  const { onOutput } = options;
  const limits = { encoding, longest, tooMuch: () => stop("output") };
  const stdout = onOutput === undefined ? collect(child.stdout, limits) : undefined;
  if (onOutput !== undefined) child.stdout?.on("data", (part: Buffer) => void (onOutput(part) === "enough" && end()));
  const stderr = collect(child.stderr, limits);
  let grace: NodeJS.Timeout | undefined;
  child.once("exit", () => {
    grace = setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), graceMilliseconds);
  });
  try {
    const result = await child;
    const devices = group === undefined ? missingDevices() : undefined;
    if (devices !== undefined) throw devices;
    const why =
      limit === "time" ? `it ran for more than ${seconds} seconds` : `it wrote more than ${longest / 1024 ** 2} MiB`;
    const stopped = limit === undefined ? "" : `${program} was stopped: ${why}.\n`;
    return {
      status: limit === undefined ? statusOf(result.exitCode, result.signal) : killedStatus,
      stdout: stdout?.() ?? "",
      stderr: `${stderr()}${stopped}`,
      seconds: result.durationMs / 1000,
      ...(limit === undefined ? {} : { limit }),
    };
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    options.signal?.removeEventListener("abort", end);
    if (group !== undefined) running.delete(group);
    if (opened !== undefined) closeSync(opened);
  }
}

/** Opens a file and reads on to an offset: who inherits the descriptor goes on from there. */
function openAt(path: string, offset: number): number {
  const descriptor = openSync(path, "r");
  const chunk = Buffer.alloc(Math.min(offset, 1 << 20));
  for (let left = offset; left > 0;) {
    const read = readSync(descriptor, chunk, 0, Math.min(left, chunk.length), null);
    if (read === 0) break;
    left -= read;
  }
  return descriptor;
}

/** Collects what comes through a pipe, and gives it as text; `tooMuch` is called when that is more than anybody may write. */
function collect(
  pipe: NodeJS.ReadableStream | null,
  { encoding, longest, tooMuch }: { encoding: "utf8" | "latin1"; longest: number; tooMuch: () => void },
): () => string {
  const parts: Buffer[] = [];
  let length = 0;
  pipe?.on("data", (part: Buffer) => {
    if (length > longest) return;
    parts.push(part);
    length += part.length;
    if (length > longest) tooMuch();
  });
  return () => Buffer.concat(parts).toString(encoding, 0, longest);
}

/** The absolute path of a program on the system's PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of systemPath.split(":")) {
    const path = `${directory}/${name}`;
    if (isProgram(path)) return path;
  }
  return undefined;
}

/** Whether this machine has a program there that we may start; what a view of another machine has counts for nothing. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Ends a process group; nothing happens when there is none, or when nothing of it is left. */
export function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Ends every program that still runs, with all that it started. */
export function killRunning(): void {
  for (const group of running) killGroup(group);
}

/** Of a program that was stopped for a limit, as after SIGKILL. */
const killedStatus = 137;

function statusOf(exitCode: number | undefined, signal: NodeJS.Signals | undefined): number {
  if (exitCode !== undefined) return exitCode;
  return signal === undefined ? 127 : 128 + system.signals[signal];
}
