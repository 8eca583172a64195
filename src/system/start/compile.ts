/**
 * Compiles all chunks of the bundle for the Node that runs, so that no start has to. A hook of pacman's starts it when Node or this program has changed;
 * nothing but speed depends on it.
 *
 *   node lib/compile.js            writes compiled-code
 *   node lib/compile.js FILE       tries a file of compiled code: whether V8 takes all of it
 */
import { spawnSync } from "node:child_process";
import { basename, join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { removeTree, rename, writeAtomically } from "../files/file-changes.ts";
import { listDirectory } from "../files/files.ts";
import { writeLine } from "../output.ts";
import { identityLine } from "../files/stat-index.ts";
import {
  chunkScript,
  compiledChunk,
  openCompiled,
  thisNode,
  type CompiledChunk,
  type Contents,
} from "./compiled-code.ts";

/** `whole`: every function is in it. `plain`: only those that V8 compiles by itself before they are called. */
type Extent = "whole" | "plain";

const file = resolve(__dirname, "../compiled-code");
const unfinished = `${file}.new`;
const names = listDirectory(__dirname).filter((name) => name.endsWith(".js") && name !== basename(__filename));

function compileAll(): number {
  try {
    for (const extent of ["whole", "plain"] as const) {
      write(extent);
      // In a process of its own, as V8 may end it; and as in this one V8 still knows what it has compiled.
      if (spawnSync(process.execPath, [__filename, unfinished], { stdio: "ignore" }).status !== 0) continue;
      rename(unfinished, file);
      return 0;
    }
    return fail("V8 does not take back what it has compiled");
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(reason: string): number {
  for (const path of [file, unfinished]) {
    try {
      removeTree(path);
    } catch {
      // What is left is for another Node, or for other files, and is passed over.
    }
  }
  writeLine("err", `==> WARNING: dkms-alpm could not be compiled for Node.js ${process.version}: ${reason}`);
  writeLine("err", "  -> It works as before, and every start takes a little longer.");
  return 1;
}

function write(extent: Extent): void {
  const flags = flagsOf(new Script("0").createCachedData());
  if (extent === "whole") setFlagsFromString("--no-lazy");
  const chunks: Record<string, CompiledChunk> = {};
  const parts: Buffer[] = [];
  let at = 0;
  for (const name of names) {
    const path = join(__dirname, name);
    const found = identityLine(path) ?? "";
    const code = chunkScript(path, undefined).createCachedData();
    // V8 wants code that was made under the flags that it runs under; that of functions is the same whenever they are compiled.
    flags.copy(flagsOf(code));
    chunks[name] = { identity: found, at, length: code.length };
    parts.push(code);
    at += code.length;
  }
  if (extent === "whole") setFlagsFromString("--lazy");
  const contents: Contents = { format: 1, node: thisNode(), size: at, chunks };
  writeAtomically(unfinished, Buffer.concat([Buffer.from(`${JSON.stringify(contents)}\n`), ...parts]));
}

/** The digest of V8's flags in its code: the fourth word, as in all versions so far. Were it another one, the trial would tell. */
function flagsOf(code: Buffer): Buffer {
  return code.subarray(12, 16);
}

function isTaken(path: string): boolean {
  const code = openCompiled(path);
  if (code === undefined) return false;
  return names.every((name) => {
    const chunk = join(__dirname, name);
    const bytes = compiledChunk(code, name, chunk);
    return bytes !== undefined && chunkScript(chunk, bytes).cachedDataRejected === false;
  });
}

const [, , tried] = process.argv;
process.exitCode = tried === undefined ? compileAll() : Number(!isTaken(tried));
