/**
 * Bundles src/bin/*.ts with esbuild and writes an executable for each, which is src/system/start/launch.ts. Plain JavaScript, so that a build needs no loader.
 *
 *   node scripts/build.mjs [FOLDER]     the folder is made anew; dist without it
 *
 * Only ES modules can be split into chunks, so that each program loads what its path needs; only CommonJS starts at once: the loader of ES modules
 * costs 4 ms, and each of Node's own modules that is imported has all its parts loaded, streams and promises, for 3 ms more. So it is bundled and
 * split as the one, and then every chunk is turned into the other.
 */
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { build, transform } from "esbuild";
import { pack } from "./pack.mjs";

const project = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? `${project}/dist`);
const { version } = JSON.parse(readFileSync(`${project}/package.json`, "utf8"));
const names = readdirSync(`${project}/src/bin`).map((file) => basename(file, ".ts"));

/** What is always loaded together: by every hook, by every `dkms`, by `dkms status`, by a hook that looks for work, by one that has found some. */
const packs = [
  { name: "start", roots: ["src/bin/dkms-install.ts", "src/bin/dkms-remove.ts"] },
  { name: "frame", roots: ["src/bin/dkms.ts"] },
  { name: "status", roots: ["src/cli/frame/settings.ts", "src/cli/dkms/status/status.ts"] },
  { name: "work", roots: ["src/cli/hook/hook-run.ts"] },
  { name: "act", roots: ["src/act/execute.ts"] },
];

const { metafile, outputFiles } = await build({
  absWorkingDir: project,
  entryPoints: names.map((name) => `src/bin/${name}.ts`),
  outdir: "lib",
  chunkNames: "chunk-[hash]",
  bundle: true,
  splitting: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "node20.19",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  define: { DKMS_ALPM_VERSION: JSON.stringify(version), "import.meta.url": "__filename" },
  plugins: [
    { name: "entries", setup: entries },
    { name: "parser-alone", setup: parserAlone },
  ],
});

rmSync(folder, { recursive: true, force: true });
mkdirSync(`${folder}/bin`, { recursive: true });
mkdirSync(`${folder}/lib`);
// Said where no package.json above could say otherwise; the launchers have no extension that would tell.
writeFileSync(`${folder}/package.json`, '{"type":"commonjs"}\n');
const chunks = [];
for (const { path, text } of outputFiles) {
  const name = basename(path, ".js");
  const { code } = await transform(text, {
    sourcefile: basename(path),
    format: "cjs",
    platform: "node",
    target: "node20.19",
    // Else chunks that are loaded when they are needed would still go through the loader of ES modules.
    supported: { "dynamic-import": false },
    // A text of which each character is a byte is read and kept as it is.
    charset: "ascii",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
  });
  const { entryPoint, imports } = metafile.outputs[`lib/${name}.js`];
  const needed = imports.filter(({ kind, external }) => kind === "import-statement" && external !== true);
  chunks.push({ name, code, entry: entryPoint, imports: needed.map((needs) => basename(needs.path, ".js")) });
}
for (const { name, code } of pack(chunks, packs)) writeFileSync(`${folder}/lib/${name}.js`, code);
for (const name of names) {
  const file = `${folder}/bin/${name}`;
  writeFileSync(file, `#!/usr/bin/env node\n${await launcher(name)}`);
  chmodSync(file, 0o755);
}
writeFileSync(`${folder}/THIRD-PARTY-LICENSES`, licences(metafile));
const { generate } = await bundled("scripts/generate.ts");
generate(project, folder);

/** The text of an executable. */
async function launcher(name) {
  const { outputFiles: made } = await build({
    absWorkingDir: project,
    entryPoints: ["src/system/start/launch.ts"],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20.19",
    charset: "utf8",
    minifySyntax: true,
    minifyWhitespace: true,
    define: { DKMS_ALPM_PROGRAM: JSON.stringify(name) },
    logLevel: "warning",
  });
  return made[0].text;
}

/** What a module in TypeScript exports. */
async function bundled(entry) {
  const { outputFiles: files } = await build({
    absWorkingDir: project,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  return import(`data:text/javascript,${encodeURIComponent(files[0].text)}`);
}

/** CommonJS has no `await` outside of functions, which is all that the entries do with it. */
function entries(bundling) {
  bundling.onLoad({ filter: /\/src\/bin\/[^/]+\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, "utf8").replace(/^(process\.exitCode = await .*;)$/m, "(async () => { $1 })();"),
    loader: "ts",
  }));
}

/** Of yargs only the parser is used, and that without configuration files: what all the rest needs of Node is not loaded with it. */
function parserAlone(bundling) {
  bundling.onResolve({ filter: /\/platform-shims\/esm\.mjs$/ }, ({ path, resolveDir }) => ({
    path: resolve(resolveDir, path),
    sideEffects: false,
  }));
  bundling.onResolve({ filter: /^node:module$/ }, ({ importer }) =>
    importer.includes("/node_modules/yargs-parser/") ? { path: "none", namespace: "none" } : undefined,
  );
  bundling.onLoad({ filter: /^none$/, namespace: "none" }, () => ({
    contents: "export const createRequire = undefined;",
  }));
}

/** The licence texts of every package of which something is in the bundles, not of all that are installed. */
function licences({ outputs }) {
  const packages = new Map();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
      if (match !== null && bytesInOutput > 0) packages.set(match[0].replace(/.*node_modules\//, ""), match[0]);
    }
  }
  return [...packages]
    .toSorted()
    .map(([name, path]) => {
      const directory = `${project}/${path}`;
      const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
      const { license } = JSON.parse(readFileSync(`${directory}/package.json`, "utf8"));
      if (file === undefined) throw new Error(`${name} has no licence text`);
      const text = readFileSync(`${directory}/${file}`, "utf8").trim();
      return `${name}\n${"=".repeat(name.length)}\nSPDX-License-Identifier: ${license}\n\n${text}\n`;
    })
    .join("\n\n");
}
