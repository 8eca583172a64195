/** What a program does, counted by strace: the same on a slow machine as on a fast one, and in every run. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Runner } from "../bench/measure.ts";

export interface Counts {
  /** Programs that were started, the first one included. */
  readonly programs: number;
  /** Processes that were begun; threads are none. */
  readonly forks: number;
  /** System calls that name a file: every look at one, whether it is there or not. */
  readonly files: number;
  /** Bytes of the files of our code that were loaded. */
  readonly code: number;
}

/** Where a program is run and looked at. */
export interface Place {
  readonly run: Runner;
  /** The text of a file there. */
  readonly read: (path: string) => string;
  /** The directory of our programs there, as the program sees it and as this process does. */
  readonly programs: { readonly inside: string; readonly outside: string };
  /** A path that strace may write to. */
  readonly trace: string;
}

/** Runs a program that must succeed, and counts. What Node does by itself is taken off: that much less than a bare start of it. */
export async function counted(place: Place, argv: readonly string[], input = ""): Promise<Counts> {
  const bare = parseTrace(await trace(place, ["node", "-e", "0"], ""), place);
  const whole = parseTrace(await trace(place, argv, input), place);
  return { ...whole, files: whole.files - bare.files };
}

async function trace({ run, read, trace: file }: Place, argv: readonly string[], input: string): Promise<string> {
  const options = ["-f", "-qq", "-s", "1000", "-e", "trace=%file,clone,clone3,fork,vfork", "-o", file];
  const { status, output } = await run(["strace", ...options, ...argv], { input, timeout: 120 });
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${output}`);
  return read(file);
}

function parseTrace(text: string, { programs }: Place): Counts {
  let [started, forks, files, code] = [0, 0, 0, 0];
  for (const line of text.split("\n")) {
    const call = /^\d+\s+(?:<\.\.\. )?(\w+)/.exec(line)?.[1] ?? "";
    if (call === "execve") started += line.endsWith(" = 0") ? 1 : 0;
    else if (/^(?:clone3?|v?fork)$/.test(call)) forks += !line.includes("CLONE_THREAD") && / = \d+$/.test(line) ? 1 : 0;
    else if (!line.includes(" resumed>")) files += 1;
    const opened = resolve(/^\d+\s+openat\([^"]*"([^"]+)".* = \d+$/.exec(line)?.[1] ?? "/");
    const isCode = opened.endsWith(".js") || opened.startsWith(`${programs.inside}/bin/`);
    if (isCode && opened.startsWith(`${programs.inside}/`))
      code += statSync(join(programs.outside, opened.slice(programs.inside.length))).size;
  }
  return { programs: started, forks, files, code };
}
