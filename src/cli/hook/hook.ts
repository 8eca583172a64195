/** The programs that pacman's hooks run: targets on stdin become a request. */
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { DkmsError } from "../../model/errors.ts";
import { isRoot } from "../../system/environment.ts";
import { silence } from "../../system/output.ts";
import { readStdin } from "../../system/stdin.ts";
import { runProgram } from "../frame/program.ts";
import type { HookName } from "../../model/run/hook-name.ts";
import { hookPrograms } from "./options.ts";
import { areTargetsSaved, forgetOwnTargets, saveTargets } from "../../act/transaction/saved-targets.ts";

/** Runs a hook program with the words after its name; returns 0 when all is well and 1 when a pair in its scope failed. */
export function hook(name: HookName, argv: readonly string[]): Promise<number> {
  const program = hookPrograms[name];
  return runProgram(program, argv, async (options) => {
    const given = {
      dryRun: options.has("dry-run"),
      verbose: options.has("verbose"),
      leaving: options.has("leaving"),
    };
    if (options.has("quiet")) silence("out");
    if (!isRoot() && !given.dryRun) {
      throw new DkmsError("not-root", `${name} changes the kernels' modules: it must run as root.`, {
        hint: `See what it would do: ${name} --dry-run`,
      });
    }
    const text = readStdin();
    const targets = parseTargets(text);
    const isOurs = concernsUs(given, targets);
    if (!isOurs) forgetOwnTargets();
    if (!isOurs && (given.leaving || !areTargetsSaved())) return 0;
    if (isOurs && !given.leaving && !given.dryRun) saveTargets(name, text);
    const { runHook } = await import("./hook-run.ts");
    return runHook(program, given, targets);
  });
}

/** What the packages of this project are called. */
const ownPackages = ["dkms-alpm", "dkms-alpm-git"];

/** Whether there may be work: before a transaction only when this very package leaves in it. */
function concernsUs(given: { readonly leaving: boolean }, { releases, sourceDirectories, packages }: Targets): boolean {
  return given.leaving ? ownPackages.some((name) => packages.has(name)) : releases.size + sourceDirectories.size > 0;
}
