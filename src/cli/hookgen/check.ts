/** Refuses to write hooks for packages that nobody knows. */
import { checkNames } from "../../decide/hookgen/known-names.ts";
import { DkmsError } from "../../model/errors.ts";
import { readKnownPackages } from "../../observe/pacman/known-packages.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { writeLine } from "../../system/output.ts";
import { nearest } from "../../tell/nearest.ts";

/** Throws `bad-name` for the first name that neither the local nor a sync database has; where there is no sync database that is a warning. */
export async function refuseUnknownNames(names: {
  readonly modules: readonly string[];
  readonly kernels: readonly string[];
}): Promise<void> {
  const known = await readKnownPackages((await readPacmanSettings()).database);
  const { refusals, warnings } = checkNames(names, known, nearest);
  const [first] = refusals;
  if (first === undefined) {
    for (const warning of warnings) writeLine("err", `==> WARNING: ${warning}`);
    return;
  }
  throw new DkmsError("bad-name", first, { hint: "If the name is right: --force writes the hook for it." });
}
