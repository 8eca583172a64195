/** The program of the hook that runs before a transaction: is there anything to test at all? */
import { join } from "node:path";
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout } from "../../model/machine/layout.ts";
import { projectVersion } from "../../model/project.ts";
import { callerEnvironment, isRoot, setUmask } from "../../system/environment.ts";
import { listEntries, readText, targetKind } from "../../system/files/files.ts";
import { write, writeLine } from "../../system/output.ts";
import { readStdin } from "../../system/stdin.ts";
import { parseGuardArguments, guardProgram } from "./options.ts";
import { guarded } from "../frame/guarded.ts";
import { helpText } from "../frame/option-table.ts";

/** The exit status of a refusal: the only one by which the hook stops pacman, and none that Node, a shell or a signal gives. */
const refusal = 99;

/** Runs `dkms-guard` with the words after its name; returns `refusal`, or anything else when the transaction may go on. */
export async function guard(argv: readonly string[]): Promise<number> {
  const judged: { result: "refused" | "passed" | number } = { result: "passed" };
  const status = await guarded(async () => {
    setUmask();
    const given = parseGuardArguments(argv);
    if (given.help === "yes") {
      write("out", helpText(guardProgram));
      return 0;
    }
    if (given.version === "yes") {
      writeLine("out", `dkms-guard ${projectVersion}`);
      return 0;
    }
    if (given.room !== undefined) {
      const { observeInside, rehearse } = await import("./rehearsal.ts");
      return given.task === "observe"
        ? observeInside(given.room)
        : rehearse(given.room, { argumentCount: argv.length, dryRun: given.dryRun });
    }
    const targets = parseTargets(readStdin());
    if (!isRelevant(targets, given.removal)) return 0;
    if (!isRoot()) {
      throw new DkmsError("not-root", "dkms-guard lays files over each other to test with: it must run as root.");
    }
    if (given.removal) {
      const { guardRemoval } = await import("./removal.ts");
      judged.result = await guardRemoval(targets);
      return 0;
    }
    const { runGuard } = await import("./run.ts");
    judged.result = await runGuard(targets, { argumentCount: argv.length, dryRun: given.dryRun });
    return typeof judged.result === "number" ? judged.result : 0;
  });
  if (judged.result === "refused") return refusal;
  return status === refusal ? 1 : status;
}

/** Whether a transaction may concern a module; told without loading anything, since most do not. */
function isRelevant({ parts, sourceDirectories }: Targets, isRemoval: boolean): boolean {
  const { vmlinuz, pkgbase, build } = parts;
  const kernels = vmlinuz.size + pkgbase.size + build.size + parts["modules.order"].size;
  if (kernels + sourceDirectories.size === 0) return false;
  if (callerEnvironment()["DKMS_GUARD"] === "off") return false;
  return (sourceDirectories.size > 0 && !isRemoval) || mayHaveModules();
}

/** Whether any module is registered, or has its source there; administrators may have moved both trees. */
function mayHaveModules(): boolean {
  const { dkmsTree, sourceTree, overrides } = defaultLayout;
  if (listEntries(dkmsTree).some(({ kind }) => kind === "directory")) return true;
  if (listEntries(sourceTree).some(({ name }) => targetKind(join(sourceTree, name, "dkms.conf")) === "file"))
    return true;
  const dropIns = listEntries(`${overrides}/framework.conf.d`).map(({ name }) => `framework.conf.d/${name}`);
  return ["framework.conf", ...dropIns].some((name) =>
    /^\s*(export\s+)?(dkms_tree|source_tree)=/m.test(readText(join(overrides, name)) ?? ""),
  );
}
