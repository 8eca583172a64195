/** What each executable consists of, with its own name in it: runs the chunk of that name, and loads all others. */
import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/** Put in by the build. */
declare const DKMS_ALPM_PROGRAM: string;

/** CommonJS's own, which gives the modules of Node. For files it is slower: it looks in several places for each. */
declare const require: (id: string) => unknown;

interface Module {
  exports: unknown;
}

type Chunk = (exports: unknown, require: (id: string) => unknown, module: Module, filename: string) => void;

const loaded = new Map<string, Module>();

load(`${DKMS_ALPM_PROGRAM}.js`);

/** Returns what a chunk exports; only the first time it is run. */
function load(name: string): unknown {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module: Module = { exports: {} };
  loaded.set(name, module);
  const path = `${__dirname}/../lib/${name}`;
  const source = `(function(exports,require,module,__filename){${readFileSync(path, "utf8")}\n})`;
  const chunk = new Script(source, { filename: path }).runInThisContext() as Chunk;
  chunk(module.exports, requireFrom, module, path);
  return module.exports;
}

function requireFrom(id: string): unknown {
  return id.startsWith("./") ? load(id.slice(2)) : require(id);
}
