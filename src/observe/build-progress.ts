/** How far a build is, and how long the last one of the same module took: read off the logs. */
import { join } from "node:path";
import { pairLog, type Layout } from "../model/machine/layout.ts";
import type { Pair } from "../model/pair.ts";
import { readText } from "../system/files/content.ts";
import { fileFacts, listDirectory, listTree } from "../system/files/files.ts";
import { withParts } from "../system/files/file-parts.ts";
import { quietly } from "../system/files/quietly.ts";

/** A build that went well. */
export interface LastBuild {
  /** Of all its commands. */
  readonly seconds: number;
  /** Files that were compiled; 0 where the log does not tell. */
  readonly compiled: number;
}

/** What the log of a build that runs tells. */
export interface BuildProgress {
  readonly compiled: number;
  /** Whether the last file was linked, or checked by modpost. */
  readonly isLinking: boolean;
}

/** Lines by which Kbuild, cmake and plain makefiles tell that a file is compiled, and that it is linked. */
const announces = /^\s*(?:(?:CC|AS|CXX|CPP|RUSTC|HOSTCC|BINDGEN)\b|\[\s*\d+%\] Building )/;
const links = /^\s*(?:LD|AR|MODPOST|BTF|OBJCOPY|STRIP)\b|^\s*\[\s*\d+%\] Linking /;

/** The last build of the pair, or else of the module for another kernel, that went well; undefined when no log tells. */
export function readLastBuild(layout: Layout, pair: Pair): LastBuild | undefined {
  const own = pairLog(layout, pair);
  const others = listDirectory(layout.logs)
    .filter((name) => name.startsWith(`${pair.module.name}-`) && name.endsWith(".log"))
    .map((name) => join(layout.logs, name))
    .filter((path) => path !== own)
    .map((path) => ({ path, modified: fileFacts(path)?.modified ?? 0n }))
    .toSorted((a, b) => (a.modified < b.modified ? 1 : -1))
    .map(({ path }) => path);
  for (const path of [own, ...others]) {
    const text = quietly(() => readText(path)) ?? "";
    const isOurs = text.split("\n", 1)[0]?.includes(` make.log for ${pair.module.name}/`) === true;
    const build = isOurs ? lastBuildOf(text) : undefined;
    if (build !== undefined) return build;
  }
  return undefined;
}

/** What the text of a log tells; undefined when one of its commands failed, or none came to its end. */
export function lastBuildOf(text: string): LastBuild | undefined {
  const codes = [...text.matchAll(/^# exit code: (\d+)$/gm)];
  if (codes.length === 0 || codes.some(([, code]) => code !== "0")) return undefined;
  const seconds = [...text.matchAll(/^# elapsed time: (\d+):(\d\d):(\d\d)$/gm)].reduce(
    (sum, [, hours, minutes, rest]) => sum + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest),
    0,
  );
  return { seconds, compiled: text.split("\n").filter((line) => compiles(line)).length };
}

/** How many files of a source directory could be compiled: more than will be, where some are for other machines. */
export function countSourceFiles(source: string): number {
  return quietly(() => listTree(source).filter(({ path }) => /\.(?:c|S|cc|cpp|rs)$/.test(path)).length) ?? 0;
}

/** Makefiles that announce nothing show the command. Each step looks through the line once: it may have millions of characters. */
function compiles(line: string): boolean {
  if (announces.test(line)) return true;
  const command = line.trimStart();
  const end = command.indexOf(" ");
  return end > 0 && /gcc|clang|cc|g\+\+|rustc/.test(command.slice(0, end)) && command.includes(" -c ", end + 1);
}

/** Characters of a line that has not come to its end, and bytes that are read at once. */
const longestLine = 65_536;
const mostAtOnce = 16 * 1024 ** 2;

/** Follows the log of a build that runs. */
export class ProgressReader {
  readonly #log: string;
  #offset = 0;
  #rest = "";
  #progress: BuildProgress = { compiled: 0, isLinking: false };

  constructor(log: string) {
    this.#log = log;
  }

  /** What has been written up to now tells; the log may have been moved away already. */
  read(): BuildProgress {
    const text = quietly(() =>
      withParts(this.#log, (size, read) => {
        const bytes = read(this.#offset, Math.min(size - this.#offset, mostAtOnce));
        this.#offset += bytes.length;
        return Buffer.from(bytes).toString("latin1");
      }),
    );
    const lines = `${this.#rest}${text ?? ""}`.split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, longestLine);
    for (const line of lines) {
      if (compiles(line)) this.#progress = { compiled: this.#progress.compiled + 1, isLinking: false };
      else if (links.test(line)) this.#progress = { ...this.#progress, isLinking: true };
    }
    return this.#progress;
  }
}
