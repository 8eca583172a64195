/** Tarballs and packages for programs (`mktarball`, `ldtarball` and `mkpkg` with `--json`); the shapes are documented in docs/run-json.md. */
import type { ModuleId, Pair } from "../model/pair.ts";

/** What was packed or unpacked. */
export function tarballJson({
  path,
  module,
  pairs,
  isDryRun,
}: {
  readonly path: string;
  readonly module: ModuleId;
  readonly pairs: readonly Pair[];
  readonly isDryRun: boolean;
}): string {
  const document = {
    format: 1,
    dryRun: isDryRun,
    path,
    module: module.name,
    version: module.version,
    pairs: pairs.map(({ kernel }) => ({ kernel: kernel.release, arch: kernel.arch })),
  };
  return JSON.stringify(document, undefined, 2);
}

/** A package that was made. */
interface MadePackage {
  readonly name: string;
  /** Undefined where it would only be made (`--dry-run`). */
  readonly path: string | undefined;
  readonly pairs: readonly Pair[];
}

/** The packages that were made, and the repository that they were entered into. */
export function packagesJson(packages: readonly MadePackage[], repository: string | undefined): string {
  const document = {
    format: 1,
    dryRun: packages.every(({ path }) => path === undefined),
    packages: packages.map(({ name, path, pairs }) => ({
      name,
      path: path ?? null,
      kernels: pairs.map(({ kernel }) => kernel.release),
    })),
    repository: repository ?? null,
  };
  return JSON.stringify(document, undefined, 2);
}
