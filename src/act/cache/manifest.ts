/** The list of what an entry of the cache holds. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { kernelText, moduleText, type Pair } from "../../model/pair.ts";
import { readText } from "../../system/files/content.ts";
import { digestOfFile } from "../../system/files/digests.ts";
import { fileFacts, listTree } from "../../system/files/files.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";

/** What an entry holds: every file with its digest and permissions; an entry without it counts for nothing, nor does one that the digests do not fit. */
export interface Manifest {
  readonly format: 1;
  /** `name/version` of the module. */
  readonly module?: string;
  /** `release/arch` of the kernel; entries of older versions have none. */
  readonly kernel?: string;
  readonly files: Readonly<Record<string, { readonly digest: string; readonly mode: number }>>;
}

/** Lists every file of an entry in it. */
export function writeManifest(entry: string, pair: Pair): void {
  const files: Record<string, { digest: string; mode: number }> = {};
  for (const { path, kind } of listTree(entry)) {
    const file = join(entry, path);
    if (kind === "file") files[path] = { digest: digestOfFile(file), mode: fileFacts(file)?.mode ?? 0o644 };
  }
  const manifest: Manifest = { format: 1, module: moduleText(pair.module), kernel: kernelText(pair.kernel), files };
  writeExpendable(join(entry, "manifest.json"), JSON.stringify(manifest));
}

/** The manifest of an entry; undefined where there is none, or one that names files elsewhere. */
export function readManifest(entry: string): Manifest | undefined {
  const text = readQuietly(join(entry, "manifest.json"));
  if (text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as Manifest;
    const paths = Object.keys(manifest.files);
    const isSound = manifest.format === 1 && paths.every((path) => !path.startsWith("/") && !path.includes(".."));
    return isSound ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the files in a directory are those of the manifest. */
export function isIntact(directory: string, { files }: Manifest): boolean {
  return Object.entries(files).every(([path, { digest }]) => digestOfFile(join(directory, path)) === digest);
}

function readQuietly(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (error instanceof DkmsError) return undefined;
    throw error;
  }
}
