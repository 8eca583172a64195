/**
 * V8's compiled form of all chunks of the bundle, in one file beside them: a line of JSON, then the code of one chunk after the other. To compile them
 * anew costs every start a third of its time. It is good for the very Node and the very files that it was made of, and is passed over for any other.
 *
 * V8 takes what it is given: a byte that is not as it was can end the process. So the file is written as a whole, is on the disk before it has its name,
 * and has the size that its first line tells.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { Script } from "node:vm";
import { identityLine } from "../files/stat-index.ts";

/** The first line of the file. */
export interface Contents {
  readonly format: 1;
  /** Whose code it is. */
  readonly node: string;
  /** Size of the file behind the first line, in bytes. */
  readonly size: number;
  /** By file names. */
  readonly chunks: Readonly<Record<string, CompiledChunk>>;
}

/** One chunk: which file it was made of, and where its code begins and how long it is, in bytes behind the first line. */
export interface CompiledChunk {
  readonly identity: string;
  readonly at: number;
  readonly length: number;
}

/** A file of compiled code that is for this Node, open for reading. */
export interface CompiledCode {
  readonly descriptor: number;
  /** Where the code begins, in bytes. */
  readonly start: number;
  readonly chunks: Contents["chunks"];
}

/** The longest first line that is read, in bytes: a chunk has less than a hundred, and there are some sixty. */
const longestHead = 32_768;

/** The Node that runs, as `Contents` names it: a package may bring the same version built otherwise. */
export function thisNode(): string {
  return `${process.version} ${process.arch} ${identityLine(process.execPath)}`;
}

/** Opens the file; undefined when there is none, when it is for another Node, or not whole. */
export function openCompiled(path: string): CompiledCode | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const head = Buffer.allocUnsafeSlow(longestHead);
    const length = head.subarray(0, readSync(descriptor, head, 0, longestHead, 0)).indexOf("\n");
    const { format, node, size, chunks } = JSON.parse(head.toString("utf8", 0, length)) as Partial<Contents>;
    const start = length + 1;
    if (
      format === 1 &&
      node === thisNode() &&
      chunks !== undefined &&
      fstatSync(descriptor).size === start + (size ?? 0)
    ) {
      return { descriptor, start, chunks };
    }
  } catch {
    // None, or none that can be understood: the chunks themselves are all that is needed.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** The compiled code of a chunk; undefined when there is none of the file as it is now. */
export function compiledChunk(code: CompiledCode, name: string, path: string): Buffer | undefined {
  try {
    const chunk = code.chunks[name];
    if (chunk === undefined || chunk.identity !== identityLine(path)) return undefined;
    const bytes = Buffer.allocUnsafeSlow(chunk.length);
    const read = readSync(code.descriptor, bytes, 0, chunk.length, code.start + chunk.at);
    return read === chunk.length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** What a chunk becomes: a function of these parameters, compiled but not called. */
export function chunkScript(path: string, cachedData: Buffer | undefined): Script {
  const source = `(function(exports,require,module,__filename){${readFileSync(path, "utf8")}\n})`;
  return new Script(source, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) });
}
