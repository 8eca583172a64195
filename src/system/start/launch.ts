/**
 * What each executable consists of, with its own name in it: the chunk of that name is run, and every chunk that it requires is loaded here. One file
 * more to look for would cost every start a millisecond.
 */
import { chunkScript, compiledChunk, openCompiled } from "./compiled-code.ts";

/** Put in by the build. */
declare const DKMS_ALPM_PROGRAM: string;

/** CommonJS's own, which gives the modules of Node. */
declare const require: (id: string) => unknown;

interface Module {
  exports: unknown;
}

type Chunk = (exports: unknown, require: (id: string) => unknown, module: Module, filename: string) => void;

const home = `${__dirname}/..`;
const code = openCompiled(`${home}/compiled-code`);
const loaded = new Map<string, Module>();

load(`${DKMS_ALPM_PROGRAM}.js`);

/** Gives what a chunk exports; only the first time it is run. */
function load(name: string): unknown {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module: Module = { exports: {} };
  loaded.set(name, module);
  const path = `${home}/lib/${name}`;
  const script = chunkScript(path, code === undefined ? undefined : compiledChunk(code, name, path));
  const chunk = script.runInThisContext() as Chunk;
  chunk(module.exports, requireFrom, module, path);
  return module.exports;
}

function requireFrom(id: string): unknown {
  return id.startsWith("./") ? load(id.slice(2)) : require(id);
}
