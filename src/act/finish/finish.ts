/** Makes built objects ready for the tree: stripped, signed, compressed, in this order, for a signature covers what it was made over. */
import { DkmsError } from "../../model/errors.ts";
import type { Event } from "../../model/run/outcome.ts";
import { compressObject, type Compression } from "./compress.ts";
import { signObject, type Signing } from "./sign.ts";
import { stripObject, type StripProgram } from "./strip.ts";

/** An object in its staging directory. */
export interface UnfinishedObject {
  readonly file: string;
  readonly strip: boolean;
}

/** How a kernel's objects are finished. */
export interface FinishSettings {
  readonly stripProgram: StripProgram;
  /** Undefined: modules of this kernel stay unsigned. */
  readonly signing: Signing | undefined;
  readonly compression: Compression;
  /** What the administrator's `build_environment` exports, for strip and the compressors. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Objects that are worked on side by side. */
  readonly jobs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finishes objects where they lie and returns their paths in the same order, suffix included. What cannot be stripped, signed or compressed is a warning.
 * Throws `interrupted`; what is half done then lies in the staging directory, which nobody reads.
 */
export async function finishObjects(
  objects: readonly UnfinishedObject[],
  how: FinishSettings,
  tell: (event: Event) => void,
): Promise<readonly string[]> {
  const files = objects.map(({ file }) => file);
  const queue = [...objects.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, object] = next;
      files[index] = await finishObject(object, how, tell);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(how.jobs, objects.length)) }, worker));
  return files;
}

async function finishObject(
  { file, strip }: UnfinishedObject,
  { stripProgram, signing, compression, variables = {}, signal }: FinishSettings,
  tell: (event: Event) => void,
): Promise<string> {
  if (strip) await stripObject(file, { program: stripProgram, variables, signal }, tell);
  if (signing !== undefined) await signObject(file, { signing, signal }, tell);
  const finished = await compressObject(file, { compression, variables, signal }, tell);
  if (signal?.aborted === true) throw new DkmsError("interrupted", "Interrupted.");
  return finished;
}
