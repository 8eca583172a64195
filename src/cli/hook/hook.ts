/** The programs that pacman's hooks run: targets on stdin become a request. */
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { DkmsError } from "../../model/errors.ts";
import { isRoot, setUmask } from "../../system/environment.ts";
import { write, writeLine } from "../../system/output.ts";
import { readStdin } from "../../system/stdin.ts";
import { guarded } from "../frame/guarded.ts";
import { hookPrograms, type HookArguments, type HookName } from "./options.ts";
import { helpText } from "../frame/option-table.ts";
import { projectVersion } from "../../model/project.ts";
import { areTargetsSaved, forgetOwnTargets, saveTargets } from "../walk/saved-targets.ts";

/** Runs a hook program with the words after its name; returns 0 when all is well and 1 when a pair in its scope failed. */
export function hook(name: HookName, argv: readonly string[]): Promise<number> {
  return guarded(async () => {
    setUmask();
    const program = hookPrograms[name];
    const given = program.parse(argv);
    if (given.help === "yes") {
      write("out", helpText(program));
      return 0;
    }
    if (given.version === "yes") {
      writeLine("out", `${name} ${projectVersion}`);
      return 0;
    }
    if (!isRoot() && given.dryRun === "no") {
      throw new DkmsError("not-root", `${name} changes the kernels' modules: it must run as root.`, {
        hint: `See what it would do: ${name} --dry-run`,
      });
    }
    const text = readStdin();
    const targets = parseTargets(text);
    const isOurs = concernsUs(given, targets);
    if (!isOurs) forgetOwnTargets();
    if (!isOurs && (given.leaving === "yes" || !areTargetsSaved())) return 0;
    if (isOurs && given.leaving === "no" && given.dryRun === "no") saveTargets(name, text);
    const { runHook } = await import("./hook-run.ts");
    return runHook(program, given, targets);
  });
}

/** What the packages of this project are called. */
const ownPackages = ["dkms-alpm", "dkms-alpm-git"];

/** Whether there may be work: before a transaction only when this very package leaves in it. */
function concernsUs(given: HookArguments, { releases, sourceDirectories, packages }: Targets): boolean {
  return given.leaving === "yes"
    ? ownPackages.some((name) => packages.has(name))
    : releases.size + sourceDirectories.size > 0;
}
