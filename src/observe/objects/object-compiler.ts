/** Finds out which compiler made a kernel object: it leaves its name in the section `.comment`. */
import { readBytes } from "../../system/files/content.ts";
import { run } from "../../system/process/processes.ts";

const unpackers: readonly (readonly [suffix: string, program: string])[] = [
  [".gz", "gzip"],
  [".xz", "xz"],
  [".zst", "zstd"],
];

/** `GCC: (GNU) 14.2.1 20240910`, `clang version 18.1.8`; empty when the object does not tell. */
export async function objectCompiler(file: string): Promise<string> {
  const unpacker = unpackers.find(([suffix]) => file.endsWith(suffix))?.[1];
  const bytes =
    unpacker === undefined
      ? (readBytes(file)?.toString("latin1") ?? "")
      : (await run([unpacker, "--decompress", "--stdout", "--", file], { encoding: "latin1" })).stdout;
  return /GCC: \([^()\0]*\) [\w. -]+|clang version [\w.]+/.exec(bytes)?.[0].trim() ?? "";
}
