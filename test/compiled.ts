/**
 * Test files as plain JavaScript, bundled once for all of them: a loader of TypeScript costs half a second of processor time for each file that is run,
 * four times what Node itself takes.
 */
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build, type PluginBuild } from "esbuild";

const project = resolve(import.meta.dirname, "..");

/** A folder with the programs of test files, and where in it each file's is. */
export interface Compiled {
  readonly folder: string;
  programOf(file: string): string;
}

/** Bundles test files, given as paths. What they share is in chunks, loaded by each that needs it. The folder is the caller's to remove. */
export async function compiled(files: readonly string[]): Promise<Compiled> {
  // Below node_modules, so that packages are found from there.
  const parent = join(project, "node_modules/.cache");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "dkms-alpm-tests-"));
  await build({
    absWorkingDir: project,
    entryPoints: files.map((file) => resolve(file)),
    outdir: folder,
    outbase: project,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "warning",
    plugins: [{ name: "places", setup: places }],
  });
  return { folder, programOf: (file) => join(folder, relative(project, resolve(file)).replace(/\.ts$/, ".mjs")) };
}

/** A test finds what lies beside it in the checkout, and not beside its program. */
function places(bundling: PluginBuild): void {
  bundling.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, "utf8").replaceAll("import.meta.dirname", JSON.stringify(dirname(path))),
    loader: "ts",
  }));
}
