/** Starts programs: argument lists only, never a shell; each in a process group of its own, so that a build ends with all its compilers. */
import { closeSync, openSync, readSync } from "node:fs";
import type { Options } from "execa";
import { childEnvironment, confinedEnvironment, systemPath } from "../environment.ts";
import { mayAccess, targetKind } from "../files/files.ts";
import { missingDevices } from "./start-failure.ts";

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
  /** Ends the program and all that it started. */
  readonly signal?: AbortSignal | undefined;
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
}

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
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    // A group of its own, killed as a whole: cancelling a shell would leave its compilers behind.
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
    ...(options.log === undefined ? {} : { buffer: false }),
  } as Options);
  const group = child.pid;
  if (group !== undefined) running.add(group);
  const end = (): void => killGroup(group);
  options.signal?.addEventListener("abort", end);
  if (options.signal?.aborted === true) end();
  const timer = options.timeoutSeconds === undefined ? undefined : setTimeout(end, options.timeoutSeconds * 1000);
  try {
    const result = await child;
    const devices = group === undefined ? missingDevices() : undefined;
    if (devices !== undefined) throw devices;
    return {
      status: statusOf(result.exitCode, result.signal),
      stdout: typeof result.stdout === "string" ? result.stdout : "",
      stderr: typeof result.stderr === "string" ? result.stderr : "",
      seconds: result.durationMs / 1000,
    };
  } finally {
    clearTimeout(timer);
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

/** The absolute path of a program on the system's PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of systemPath.split(":")) {
    const path = `${directory}/${name}`;
    if (targetKind(path) === "file" && mayAccess(path, "execute")) return path;
  }
  return undefined;
}

/** Ends every program that still runs, with all that it started. */
export function killRunning(): void {
  for (const group of running) killGroup(group);
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function statusOf(exitCode: number | undefined, signal: string | undefined): number {
  if (exitCode !== undefined) return exitCode;
  return signal === undefined ? 127 : 128 + (signalNumbers[signal] ?? 0);
}
