/** `dkms status --json`: the shape is documented in docs/status-json.md and only grows within a format. */
import type { ModuleId, Pair } from "../../model/pair.ts";
import type { Supply } from "../../model/packaging/supply.ts";
import type { Registration } from "../../model/machine/world.ts";

/** A module with everything that is to be said of it. */
export interface ModuleStatus {
  readonly module: ModuleId;
  readonly registration: Registration;
  readonly source: string;
  readonly sourcePresent: boolean;
  readonly pairs: readonly PairStatus[];
}

/** A pair of it. */
interface PairStatus {
  readonly pair: Pair;
  readonly state: "built" | "installed";
  readonly pkgbase: string | undefined;
  /** File names, suffix included. */
  readonly objects: readonly string[];
  readonly originals: "kept" | "none";
  readonly fault: { readonly kind: "missing" | "differs"; readonly name: string } | undefined;
  /** The version of the package that is to take its place: why the pair is there although its source has vanished. */
  readonly awaited: ModuleId | undefined;
}

/** One JSON document, modules of the tree and those that packages supply, indented, without a newline at its end. */
export function statusJson(modules: readonly ModuleStatus[], supplies: readonly Supply[]): string {
  const document = {
    format: 1,
    modules: modules.map(({ module, registration, source, sourcePresent, pairs }) => ({
      module: module.name,
      version: module.version,
      registration,
      source,
      sourcePresent,
      pairs: pairs.map(pairObject),
    })),
    supplied: supplies.map(({ package: name, pair: { module, kernel }, objects }) => ({
      module: module.name,
      version: module.version,
      kernel: kernel.release,
      arch: kernel.arch,
      package: name,
      objects,
    })),
  };
  return JSON.stringify(document, undefined, 2);
}

/** Every key is always there; what does not apply is null. */
function pairObject({ pair, state, pkgbase, objects, originals, fault, awaited }: PairStatus): object {
  return {
    kernel: pair.kernel.release,
    arch: pair.kernel.arch,
    pkgbase: pkgbase ?? null,
    state,
    objects,
    originals,
    fault: fault === undefined ? null : { kind: fault.kind, object: fault.name },
    keptBecause:
      awaited === undefined ? null : { reason: "awaits-version", module: awaited.name, version: awaited.version },
  };
}
