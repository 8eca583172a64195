/** What a command needs to find in the dkms tree before anything else is looked at. */
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { moduleText, type ModuleId } from "../../model/pair.ts";
import type { Module } from "../../model/machine/world.ts";
import { readModule } from "../../observe/tree/tree.ts";

/** The module as the tree has it; throws `module-broken` or `module-not-added`. */
export function requireRegistered(layout: Layout, id: ModuleId): Module {
  const module = readModule(layout, id);
  const text = moduleText(id);
  if (module.registration === "added") return module;
  if (module.registration === "broken") {
    throw new DkmsError("module-broken", `${text} is broken: its source ${module.source} is missing.`, {
      module: text,
      hint: `Install the package that brings ${module.source} again, or delete what remains of it: dkms prune`,
    });
  }
  throw new DkmsError("module-not-added", `${text} is not in the dkms tree.`, {
    module: text,
    hint: "See what is: dkms status",
  });
}
