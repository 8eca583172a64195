/** Runs one bash for the shell files that DKMS reads (dkms.conf, framework.conf): nothing of the caller's shell set-up gets in, nothing is left running. */
import { DkmsError } from "../../model/errors.ts";
import { childEnvironment } from "../environment.ts";
import { mayAccess, targetKind } from "../files/files.ts";
import type { Confined } from "../sandbox/confine.ts";
import type { View } from "../sandbox/view.ts";
import { startFailure } from "./start-failure.ts";
import { killGroup } from "./processes.ts";

/** How to run it. */
export interface BashOptions {
  /** Relative paths and globs in the text mean this directory; without it our own. */
  readonly cwd?: string;
  /** The whole environment; without it the one that all our children get. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends bash and all that it started; the run then fails with `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  /** What bash sees, and that alone; without it, it runs on the machine as we do. */
  readonly view?: View;
  /** Longest time without a byte on stdout, in seconds; without it there is no limit. */
  readonly silenceSeconds?: number;
  /** Longest time in all, in seconds. */
  readonly totalSeconds?: number;
}

/** How it ended. */
export interface BashResult {
  /** `silent`: it was ended because it took too long; `flood`: because it wrote too much. */
  readonly end: "exited" | "killed" | "silent" | "flood";
  /** Exit status; -1 unless it exited by itself. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** After bash has ended, its output is complete; whoever still holds the pipes after this time is a left-over of the text and is killed. */
const graceMilliseconds = 300;

/** Seconds for all that one bash is given, which may be a thousand files. */
const usualTotal = 900;

/** Bytes that the text may write to stdout in all, and to stderr without a word on stdout between; what explains a failure is shorter. */
const longestOutput = 64 * 1024 ** 2;
const longestNoise = 1024 ** 2;

/** Variables by which a caller's environment changes what bash itself does before and while it runs a text. */
const shellSettings = /^(BASH_.*|BASHOPTS|SHELLOPTS|ENV|POSIXLY_CORRECT|CDPATH|GLOBIGNORE|IFS|PS4)$/;

/**
 * Runs `bash -c TEXT dkms WORDS...` with stdin empty, in a process group of its own, and waits for its end.
 * A status other than 0 is a result; throws `tool-missing` without bash and `interrupted` when the signal fires.
 */
export async function runBash(text: string, words: readonly string[], options: BashOptions = {}): Promise<BashResult> {
  const { view } = options;
  if (view === undefined) return runShell(shellOf(text, words), undefined, options);
  // Loaded only when it is needed.
  const { confine, startConfined } = await import("../sandbox/confine.ts");
  // Before anything of the text runs, a byte tells that bash has started.
  const shell = shellOf(`printf .\n${text}`, words);
  const start = (how: "namespace" | "user"): Promise<BashResult> =>
    runShell(shell, () => confine(how, view, shell, 3), options);
  const result = await startConfined(start, ({ stdout }) => stdout.length > 0);
  return { ...result, stdout: result.stdout.subarray(1) };
}

function shellOf(text: string, words: readonly string[]): readonly string[] {
  return [bashPath(), "--norc", "--noprofile", "-c", text, "dkms", ...words];
}

async function runShell(
  shell: readonly string[],
  confineIt: (() => Confined) | undefined,
  options: BashOptions,
): Promise<BashResult> {
  if (isAborted(options.signal)) throw interrupted();
  // Loading it takes longer than most runs do that need no bash.
  const { spawn } = await import("node:child_process");
  const confined = confineIt?.();
  const [program = "", ...rest] = confined?.argv ?? shell;
  const descriptors = confined === undefined ? [] : [confined.descriptor];
  const child = spawn(program, rest, {
    cwd: confined === undefined ? options.cwd : "/",
    env: withoutShellSettings(options.environment ?? childEnvironment()),
    stdio: ["ignore", "pipe", "pipe", ...descriptors],
    detached: true,
    ...confined?.user,
  });
  confined?.close();
  const { stdout: out, stderr: err } = child;
  if (out === null || err === null) throw new Error("bash has no pipes");
  const group = child.pid;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let stopped: "silent" | "flood" | undefined;
  let [output, noise] = [0, 0];
  const kill = (): void => killGroup(group);
  const limit = (options.silenceSeconds ?? 0) * 1000;
  const stop = (end: "silent" | "flood"): void => {
    stopped ??= end;
    kill();
  };
  const total = setTimeout(() => stop("silent"), (options.totalSeconds ?? usualTotal) * 1000);
  let timer = limit > 0 ? setTimeout(() => stop("silent"), limit) : undefined;
  out.on("data", (bytes: Buffer) => {
    if (stopped !== undefined) return;
    stdout.push(bytes);
    noise = 0;
    output += bytes.length;
    if (output > longestOutput) stop("flood");
    timer?.refresh();
  });
  err.on("data", (bytes: Buffer) => {
    if (stopped !== undefined) return;
    stderr.push(bytes);
    noise += bytes.length;
    if (noise > longestNoise) stop("flood");
  });
  options.signal?.addEventListener("abort", kill);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          kill();
          // On a busy machine what was written has not been read yet: that comes before an immediate.
          setImmediate(() => {
            out.destroy();
            err.destroy();
          });
        }, graceMilliseconds);
      });
      child.on("close", resolve);
    });
    if (isAborted(options.signal)) throw interrupted();
    return {
      end: stopped ?? (status === null ? "killed" : "exited"),
      status: status ?? -1,
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr).toString("utf8"),
    };
  } catch (error) {
    if (error instanceof DkmsError) throw error;
    throw startFailure("bash", error);
  } finally {
    clearTimeout(timer);
    clearTimeout(total);
    options.signal?.removeEventListener("abort", kill);
  }
}

/** A function, since the compiler believes that what it has once seen stays as it was. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function interrupted(): DkmsError {
  return new DkmsError("interrupted", "The evaluation of a shell file was interrupted.");
}

function bashPath(): string {
  for (const path of ["/usr/bin/bash", "/bin/bash"])
    if (targetKind(path) === "file" && mayAccess(path, "execute")) return path;
  throw new DkmsError("tool-missing", "There is no bash in /usr/bin or /bin, and dkms.conf files are bash.", {
    hint: "Install the package bash.",
  });
}

function withoutShellSettings(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !shellSettings.test(name)));
}
