/** What should be there: a few lines that know nothing of trees, plans and hooks. */
import { failing, type Offer } from "./packages.ts";

/** A machine as an administrator thinks of it. */
export interface Model {
  /** Installed packages by their names. */
  readonly packages: ReadonlyMap<string, Offer>;
  /** Installed modules, `MODULE RELEASE` to the version. */
  readonly modules: ReadonlyMap<string, string>;
}

/** The state after a transaction that was committed. */
export function committed(model: Model, installed: readonly Offer[], removed: readonly string[]): Model {
  const packages = new Map(model.packages);
  for (const name of removed) packages.delete(name);
  for (const offer of installed) packages.set(offer.name, offer);
  const all = [...packages.values()];
  const modules = new Map<string, string>();
  for (const kernel of all) {
    if (kernel.kind !== "kernel") continue;
    const headers = all.some(
      ({ kind, ...rest }) => kind === "headers" && "release" in rest && rest.release === kernel.release,
    );
    for (const source of all) {
      if (source.kind !== "module") continue;
      const key = `${source.module} ${kernel.release}`;
      const builds =
        headers &&
        !(source.module === failing.module && source.version === failing.version && kernel.release === failing.release);
      // Where nothing new can be had, what was there stays.
      const version = builds ? source.version : model.modules.get(key);
      if (version !== undefined) modules.set(key, version);
    }
  }
  return { packages, modules };
}
