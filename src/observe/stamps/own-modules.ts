/** Modules of the kernel's own to which a pair, or an object of one, gave way: whether they are still the same files. */
import type { Damage } from "../../model/machine/damage.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import type { OwnModule, Stamp } from "./stamp.ts";

/** The kernel's own module that a pair was not installed for, while it is still the same file. */
export function yieldedTo({ yielded }: Stamp): string | undefined {
  return yielded !== undefined && isSame(yielded) ? yielded.path : undefined;
}

/** Names of the objects that gave way to modules of the kernel's own, while these are still the same files. */
export function refusedNames({ refused = [] }: Stamp): readonly string[] {
  return refused.filter(isSame).map(({ name }) => name);
}

/** The first of these modules that is another file now: the object may be the better one. */
export function ownModuleChange({ refused = [] }: Stamp): Damage | undefined {
  const found = refused.find((own) => !isSame(own));
  return found && { part: "kernel", kind: "renewed", path: found.path };
}

function isSame({ path, identity }: OwnModule): boolean {
  return identityLine(path) === identity;
}
