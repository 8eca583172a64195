/** What programs did to names in the file system, from traces of their system calls by strace(1). */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CommandResult } from "../command.ts";
import { need } from "../command.ts";
import type { Machine } from "../machine.ts";

/** A change of a name that succeeded. */
export interface NameChange {
  readonly call: "removed" | "moved-from" | "moved-to" | "made" | "opened-to-write";
  readonly path: string;
}

const calls =
  "unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,creat,truncate,open,openat";

/** Runs a command in a machine under strace, with all that it starts; gives every change of a name, by process and in its order there. */
export async function traceNames(
  machine: Machine,
  argv: readonly string[],
): Promise<{ readonly result: CommandResult; readonly changes: readonly NameChange[] }> {
  const folder = "/opt/trace";
  machine.remove(folder);
  await machine.need(["mkdir", folder]);
  // One file for each process, so that no line is interrupted by another; -y tells what descriptors stand for.
  const options = ["-ff", "-qq", "-y", "-s", "4096", "--seccomp-bpf", "-f", "-e", `trace=${calls}`, "-z"];
  const result = await machine.run(["strace", ...options, "-o", `${folder}/process`, ...argv], { timeout: 240 });
  const copy = mkdtempSync(join(tmpdir(), "dkms-alpm-trace-"));
  try {
    await need(["cp", "-a", machine.path(folder), copy]);
    const files = readdirSync(join(copy, "trace"));
    return { result, changes: files.flatMap((file) => parseTrace(readFileSync(join(copy, "trace", file), "utf8"))) };
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Parses the lines of one process: `renameat2(AT_FDCWD</root>, "a", 5</tmp>, "b", 0) = 0`. */
export function parseTrace(text: string): readonly NameChange[] {
  return text.split("\n").flatMap((line): NameChange[] => {
    const [, name = "", words = ""] = /^(\w+)\((.*)\)\s+= \d/.exec(line) ?? [];
    const [first = "", second = ""] = paths(words);
    if (name.startsWith("unlink") || name === "rmdir") return [{ call: "removed", path: first }];
    if (name.startsWith("rename"))
      return [
        { call: "moved-from", path: first },
        { call: "moved-to", path: second },
      ];
    if (name.startsWith("link") || name.startsWith("symlink")) return [{ call: "made", path: second }];
    if (name === "truncate" || name === "creat") return [{ call: "opened-to-write", path: first }];
    if (name.startsWith("open") && /O_WRONLY|O_RDWR|O_TRUNC/.test(words))
      return [{ call: "opened-to-write", path: first }];
    return [];
  });
}

/** The paths among a call's arguments, each made absolute by the directory in front of it. */
function paths(words: string): string[] {
  const found: string[] = [];
  let directory = "/";
  for (const [, at, path] of words.matchAll(/(?:AT_FDCWD|\d+)<([^>]*)>|"((?:[^"\\]|\\.)*)"/g)) {
    if (at !== undefined) directory = at;
    if (path === undefined) continue;
    found.push(resolve(directory, path));
  }
  return found;
}
