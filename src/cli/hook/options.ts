/** Options of the programs that hooks run: few, since a hook starts in every transaction. */
import type { HookName } from "../../model/run/hook-name.ts";
import type { Option, Program } from "../frame/option-table.ts";

/** A hook program and what it asks the planner for. */
export interface HookProgram extends Program {
  readonly request: "transaction-install" | "transaction-remove";
}

const options: readonly Option[] = [
  { name: "dry-run", short: "n", description: "print what would be done, change nothing" },
  { name: "quiet", short: "q", description: "print errors and warnings only" },
  { name: "verbose", short: "v", description: "print more" },
  { name: "help", short: "h", description: "print this help" },
  { name: "version", short: "V", description: "print the version" },
];

const leavingOption: Option = {
  name: "leaving",
  description: "do the work before the transaction, if it removes dkms-alpm",
};

function program(name: HookName, request: HookProgram["request"], summary: string): HookProgram {
  const own = request === "transaction-remove" ? [leavingOption, ...options] : options;
  return { name, request, summary, usage: [`${name} [OPTION]... <TARGETS`], commands: [], options: own };
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
