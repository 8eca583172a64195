/** Puts chunks that are always loaded together into one file: every file costs a sixth of a millisecond at each start. */

/**
 * Packs CommonJS chunks. `chunks` are `{ name, code, entry, imports }`: a name without extension, what the chunk was an entry point for (a path in the
 * project, or undefined), and the names of the chunks that it cannot do without. `packs` are `{ name, roots }`, roots being such paths; a chunk belongs to
 * the first pack whose roots need it. Executables (`src/bin/...`) stay files of their own. Returns `{ name, code }` of the files to write.
 */
export function pack(chunks, packs) {
  const byName = new Map(chunks.map((chunk) => [chunk.name, chunk]));
  const packOf = new Map();
  for (const { name, roots } of packs) {
    for (const root of roots) {
      const start = chunks.find(({ entry }) => entry === root);
      if (start === undefined)
        throw new Error(`${root} is no entry point: it was removed, or nobody imports it lazily`);
      for (const chunk of closure(start, byName)) {
        if (chunk.entry?.startsWith("src/bin/") !== true && !packOf.has(chunk.name)) packOf.set(chunk.name, name);
      }
    }
  }
  const files = chunks
    .filter(({ name }) => !packOf.has(name))
    .map(({ name, code }) => ({ name, code: redirected(code, packOf, undefined) }));
  for (const { name } of packs) {
    const members = chunks.filter((chunk) => packOf.get(chunk.name) === name);
    files.push({ name, code: packed(members, packOf, name) });
  }
  return files;
}

/** A chunk and all that it needs from its start. */
function closure(start, byName) {
  const found = new Set([start]);
  for (const { imports } of found) for (const name of imports) found.add(byName.get(name));
  return found;
}

/** What esbuild puts before a chunk: helpers of its own, and the exports. */
const prelude =
  /^((?:"use strict";)?var (?:__create|__defProp)=.*?;)(var \w+_exports=\{\};__export\(.*?\}\);module\.exports=)__toCommonJS\((\w+)\);/s;

/**
 * One file with a function for each chunk; in parentheses, which V8 takes for a sign that it is called soon: it is then parsed once and not twice.
 * The helpers, most of a small chunk, are there once.
 */
function packed(members, packOf, name) {
  let helpers = "";
  const functions = members.map((chunk) => {
    const code = redirected(chunk.code, packOf, name).replace(prelude, (text, own, exported, exportsName) => {
      if (own.includes("__commonJS") || own.includes("__require")) return text;
      if (own.length > helpers.length) helpers = own;
      return `${exported}${exportsName};`;
    });
    return `${JSON.stringify(chunk.name)}:(function(exports,module){${code}\n})`;
  });
  return `${helpers}const made={},chunks={${functions.join(",\n")}};
function load(name){let module=made[name];if(module===undefined){module=made[name]={exports:{}};chunks[name](module.exports,module)}return module.exports}
module.exports=load;
`;
}

/** The code with every `require` of a chunk that is in a pack going there. */
function redirected(code, packOf, own) {
  return code.replaceAll(/\brequire\("\.\/([\w-]+)\.js"\)/g, (text, chunk) => {
    const name = packOf.get(chunk);
    if (name === undefined) return text;
    return name === own ? `load(${JSON.stringify(chunk)})` : `require("./${name}.js")(${JSON.stringify(chunk)})`;
  });
}
