/** Options of the programs that hooks run: few, and parsed by Node itself, since a hook starts in every transaction. */
import { parseArgs } from "node:util";
import type { Option, Program } from "../frame/option-table.ts";
import { usageError } from "../frame/guarded.ts";

/** The name of a hook program. */
export type HookName = "dkms-install" | "dkms-remove";

/** What a hook program was asked for besides its targets. */
export interface HookArguments {
  readonly dryRun: "yes" | "no";
  readonly verbose: "yes" | "no";
  readonly help: "yes" | "no";
  readonly version: "yes" | "no";
  /** The work is done before the transaction, since this program leaves with it. */
  readonly leaving: "yes" | "no";
}

/** A hook program and how to read its command line. */
export interface HookProgram extends Program {
  readonly request: "transaction-install" | "transaction-remove";
  readonly parse: (argv: readonly string[]) => HookArguments;
}

const options: readonly Option[] = [
  { name: "dry-run", short: "n", description: "print what would be done, change nothing" },
  { name: "verbose", description: "print more" },
  { name: "help", short: "h", description: "print this help" },
  { name: "version", short: "V", description: "print the version" },
];

const leavingOption: Option = {
  name: "leaving",
  description: "do the work before the transaction, if it removes dkms-alpm",
};

function program(name: HookName, request: HookProgram["request"], summary: string): HookProgram {
  const own = request === "transaction-remove" ? [leavingOption, ...options] : options;
  return { name, request, summary, usage: [`${name} [OPTION]... <TARGETS`], commands: [], options: own, parse };
}

/** The hook programs by name. */
export const hookPrograms: Readonly<Record<HookName, HookProgram>> = {
  "dkms-install": program(
    "dkms-install",
    "transaction-install",
    "Reads pacman's targets, one a line, and builds and installs the DKMS modules that they call for.",
  ),
  "dkms-remove": program(
    "dkms-remove",
    "transaction-remove",
    "Reads pacman's targets, one a line, and removes the DKMS modules whose kernel or source was removed.",
  ),
};

function parse(argv: readonly string[]): HookArguments {
  const parsed = parseOrThrow(argv);
  const told = (flag: boolean | undefined): "yes" | "no" => (flag === true ? "yes" : "no");
  const { "dry-run": dryRun, verbose, help, version, leaving } = parsed;
  return {
    dryRun: told(dryRun),
    verbose: told(verbose),
    help: told(help),
    version: told(version),
    leaving: told(leaving),
  };
}

type Flag = "dry-run" | "verbose" | "help" | "version" | "leaving";

function parseOrThrow(argv: readonly string[]): Partial<Record<Flag, boolean>> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        "dry-run": { type: "boolean", short: "n" },
        verbose: { type: "boolean" },
        leaving: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
    return values;
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}
