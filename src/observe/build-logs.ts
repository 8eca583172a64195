/** The logs of the last builds: which pair each is of, and how it ended. */
import { join } from "node:path";
import type { Layout } from "../model/machine/layout.ts";
import { readText } from "../system/files/content.ts";
import { fileFacts, listDirectory } from "../system/files/files.ts";
import { withParts } from "../system/files/file-parts.ts";

/** A log. */
export interface BuildLog {
  readonly path: string;
  readonly module: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  /** One of its commands has failed. */
  readonly failed: boolean;
  readonly modified: bigint;
}

const title = / make\.log for ([^\s/]+)\/(\S+) for kernel (\S+) \((\S+)\)$/;

/** All logs, those of failures first, then the newest first. */
export function readBuildLogs({ logs }: Pick<Layout, "logs">): readonly BuildLog[] {
  return listDirectory(logs)
    .filter((name) => name.endsWith(".log"))
    .flatMap((name): BuildLog[] => {
      const path = join(logs, name);
      const [, module, version, release, arch] = title.exec(firstLine(path)) ?? [];
      if (module === undefined || version === undefined || release === undefined || arch === undefined) return [];
      const text = readText(path) ?? "";
      const codes = [...text.matchAll(/^# exit code: (\d+)$/gm)].map(([, code]) => code);
      // A command that was killed with the run has no status.
      const failed = codes.length === 0 || codes.some((code) => code !== "0");
      return [{ path, module, version, release, arch, failed, modified: fileFacts(path)?.modified ?? 0n }];
    })
    .toSorted((a, b) => Number(b.failed) - Number(a.failed) || (a.modified < b.modified ? 1 : -1));
}

/** The last command of a log, if it failed: what it wrote, and whether it is make and not a script or a patch. */
export function failedCommand(text: string): { readonly output: string; readonly isMake: boolean } | undefined {
  const frame = /\n([^\n]+)\n# command: [^\n]*\n([^]*?)\n# exit code: (\d+)\n# elapsed time: \S+\n-+\n$/;
  // Only the last frame is looked at: those before it have succeeded.
  const start = text.lastIndexOf("\n# command: ");
  const [, description = "", output, code] = frame.exec(text.slice(text.lastIndexOf("\n", start - 1))) ?? [];
  if (output === undefined || code === "0") return undefined;
  return { output, isMake: !/^(?:Running the (?:pre|post)_build script|Applying patch )/.test(description) };
}

function firstLine(path: string): string {
  try {
    return withParts(path, (_, read) => Buffer.from(read(0, 512)).toString("utf8")).split("\n", 1)[0] ?? "";
  } catch {
    return "";
  }
}
