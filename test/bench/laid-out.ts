/** Builds the programs that a measurement needs: the project's own executables, and the one that lays out its machine. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { need } from "../e2e/command.ts";

const project = resolve(import.meta.dirname, "../..");

/** Builds the executables as they are now into a folder, which gets `bin/` and `lib/` as an installed package has them. */
export async function buildPrograms(folder: string): Promise<void> {
  await need([process.execPath, join(project, "scripts/build.mjs"), folder]);
}

/** Bundles `lay-out.ts` into a file that any Node can run, wherever it lies. */
export async function buildLayOut(file: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { version: string };
  await build({
    entryPoints: [join(import.meta.dirname, "lay-out.ts")],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "error",
    define: { DKMS_ALPM_VERSION: JSON.stringify(version) },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}
