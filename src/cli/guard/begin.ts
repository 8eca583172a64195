/** Begins to judge a transaction: is there anything to test at all, and is there a mount namespace to do it in? */
import { join } from "node:path";
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout } from "../../model/machine/layout.ts";
import { supplyDirectory } from "../../model/packaging/supply.ts";
import { ownProgram } from "../../observe/own-program.ts";
import { callerEnvironment, isRoot } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { listEntries, targetKind } from "../../system/files/files.ts";
import { hasOwnMounts, ownMounts, ownMountsMark } from "../../system/process/namespace.ts";
import { run } from "../../system/process/processes.ts";
import { readStdin } from "../../system/stdin.ts";
import { refusal } from "./options.ts";

/** What the command line asks for. */
interface GuardOptions {
  readonly isRemoval: boolean;
  readonly isDryRun: boolean;
  readonly isVerbose: boolean;
}

/** Reads pacman's targets and judges them; `argv` is for the same program in a namespace of its own. A number is the exit status of one that did not judge. */
export async function judge(argv: readonly string[], options: GuardOptions): Promise<"refused" | "passed" | number> {
  const { isRemoval, isDryRun: dryRun, isVerbose: verbose } = options;
  const input = readStdin();
  const targets = parseTargets(input);
  if (!isRelevant(targets, { isRemoval })) return "passed";
  if (!isRoot()) {
    throw new DkmsError("not-root", "dkms-guard mounts overlays: it must run as root.", { hint: "Run it with sudo." });
  }
  if (isRemoval) {
    const { guardRemoval } = await import("./removal.ts");
    return guardRemoval(targets);
  }
  if (!hasOwnMounts() && (await canHaveOwnMounts())) {
    const inner = await run([...withParent, ...ownMounts, ...ownProgram(argv.length), ...argv], {
      input,
      output: "inherit",
      // It keeps its own time.
      timeoutSeconds: 0,
      environment: { ...dkmsVariables(), ...ownMountsMark },
    });
    return inner.status === refusal ? "refused" : inner.status;
  }
  const { runGuard } = await import("./run.ts");
  return runGuard(targets, { dryRun, verbose });
}

/** Nothing of a test goes on when the process that waits for it is killed. */
const withParent = ["setpriv", "--pdeathsig", "KILL"] as const;

/** The hook has made a mount namespace already where this machine can; who starts the program by hand has not. */
async function canHaveOwnMounts(): Promise<boolean> {
  return (await run([...ownMounts, "true"], { timeoutSeconds: 20 })).status === 0;
}

/** What the caller tells the program. */
function dkmsVariables(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(callerEnvironment()).filter(([name]) => name.startsWith("DKMS_")));
}

/** Whether a transaction may concern a module; told without loading anything, since most do not. */
function isRelevant(
  { parts, sourceDirectories, notes }: Targets,
  { isRemoval }: { readonly isRemoval: boolean },
): boolean {
  const { vmlinuz, pkgbase, build } = parts;
  const kernels = vmlinuz.size + pkgbase.size + build.size + parts["modules.order"].size;
  if (kernels + sourceDirectories.size + notes.size === 0) return false;
  if (callerEnvironment()["DKMS_GUARD"] === "off") return false;
  // Prebuilt modules need neither a source nor an entry in the tree.
  return (sourceDirectories.size > 0 && !isRemoval) || notes.size > 0 || mayHaveModules();
}

/** Whether any module is registered, prebuilt, or has its source there; administrators may have moved both trees. */
function mayHaveModules(): boolean {
  const { dkmsTree, sourceTree, installTree, overrides } = defaultLayout;
  const isSupplied = ({ name }: { readonly name: string }): boolean =>
    targetKind(supplyDirectory(defaultLayout, name)) === "directory";
  if (listEntries(installTree).some(isSupplied)) return true;
  if (listEntries(dkmsTree).some(({ kind }) => kind === "directory")) return true;
  if (listEntries(sourceTree).some(({ name }) => targetKind(join(sourceTree, name, "dkms.conf")) === "file"))
    return true;
  const dropIns = listEntries(`${overrides}/framework.conf.d`).map(({ name }) => `framework.conf.d/${name}`);
  return ["framework.conf", ...dropIns].some((name) =>
    /^\s*(export\s+)?(dkms_tree|source_tree)=/m.test(readText(join(overrides, name)) ?? ""),
  );
}
