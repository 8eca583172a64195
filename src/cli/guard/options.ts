/** Options of `dkms-guard`. */
import { parseArgs } from "node:util";
import { usageError } from "../frame/guarded.ts";
import type { Program } from "../frame/option-table.ts";

/** The option table. */
export const guardProgram: Program = {
  name: "dkms-guard",
  summary:
    "Reads pacman's targets, one a line, builds the DKMS modules that they concern against the incoming packages, and exits with status 99 to refuse the transaction.",
  usage: ["dkms-guard [OPTION]... <TARGETS"],
  commands: [],
  options: [
    { name: "removal", hidden: "yes", description: "judge what the transaction removes" },
    { name: "dry-run", short: "n", description: "print what would be test-built, build nothing" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
};

/** What `dkms-guard` was asked for. */
export interface GuardArguments {
  readonly help: "yes" | "no";
  readonly version: "yes" | "no";
  readonly dryRun: "yes" | "no";
  /** The targets are those of a hook for what is removed. */
  readonly removal: boolean;
}

/** Parses the command line; throws `usage`. */
export function parseGuardArguments(argv: readonly string[]): GuardArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        removal: { type: "boolean" },
        "dry-run": { type: "boolean", short: "n" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
    return {
      help: values.help === true ? "yes" : "no",
      version: values.version === true ? "yes" : "no",
      removal: values.removal === true,
      dryRun: values["dry-run"] === true ? "yes" : "no",
    };
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}
