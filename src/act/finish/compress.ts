/** Compresses a kernel object as the kernel's other modules are. */
import type { Suffix } from "../../model/kernel-object.ts";
import type { Event } from "../../model/run/outcome.ts";
import { removeFile, setMode } from "../../system/writing/file-changes.ts";
import { fileFacts, targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** The suffix that a kernel's modules have, and the compressors' options as words of a command line. */
export interface Compression {
  readonly suffix: Suffix;
  readonly gzipOptions: string;
  readonly xzOptions: string;
  readonly zstdOptions: string;
}

/** Compresses a file and returns the path of what it has become: the plain file itself when the compressor fails, which the kernel loads as well. */
export async function compressObject(
  file: string,
  {
    compression,
    variables = {},
    signal,
  }: {
    readonly compression: Compression;
    readonly variables?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  },
  tell: (event: Event) => void,
): Promise<string> {
  const command = commandOf(compression);
  if (command === undefined) return file;
  const [program, options] = command;
  const compressed = `${file}${compression.suffix}`;
  const words = options.split(/\s+/).filter((word) => word !== "");
  const before = fileFacts(file);
  const { status, stderr } = await run([program, ...words, "-f", file], { signal, environment: variables });
  if (status === 0 && targetKind(compressed) === "file") {
    // A compressor that could not take the permissions over says nothing: the file is its owner's alone then.
    if (before !== undefined && fileFacts(compressed)?.mode !== before.mode) setMode(compressed, before.mode);
    // zstd keeps the plain file where the options do not say otherwise.
    removeFile(file);
    return compressed;
  }
  removeFile(compressed);
  const why = stderr.trim() === "" ? `${program} exited with status ${status}` : stderr.trim();
  tell({ kind: "note", level: "warning", text: `${file} stays without compression: ${why}.` });
  return file;
}

function commandOf(compression: Compression): readonly [program: string, options: string] | undefined {
  switch (compression.suffix) {
    case ".gz":
      return ["gzip", compression.gzipOptions];
    case ".xz":
      return ["xz", compression.xzOptions];
    case ".zst":
      return ["zstd", compression.zstdOptions];
    case "":
      return undefined;
  }
}
