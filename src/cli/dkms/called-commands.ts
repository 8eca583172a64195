/** The form of a command of `dkms`, and the commands that other programs call: they work and are left out of help. */
import type { Command } from "../frame/option-table.ts";

/** A command of `dkms`; `loaders.ts` says which code carries it out. */
export interface DkmsCommand extends Command {
  /** `to-change`: asked for before anything else, not with --dry-run; `itself`: the command asks once it knows what it is to do. Without it: no. */
  readonly needsRoot?: "to-change" | "itself";
  /** Whether it has a document for --json. */
  readonly json: boolean;
  /** dkms(8) does not have it, so that a module may be called so: it is a command only where it stands first. */
  readonly isOurs?: true;
  /** The status of a command line that cannot be understood, where 2 is an answer. */
  readonly usageStatus?: number;
}

export const calledCommands = [
  {
    name: "notify",
    operands: "",
    hidden: true,
    description: "show notifications for problems that are new",
    json: false,
    isOurs: true,
  },
  {
    name: "kernel_postinst",
    operands: "",
    hidden: true,
    description: "what a kernel package's hook calls: autoinstall",
    needsRoot: "to-change",
    json: true,
  },
  {
    name: "kernel_preinst",
    operands: "",
    hidden: true,
    description: "delete what is built for a kernel by AUTOINSTALL",
    needsRoot: "to-change",
    json: true,
  },
  {
    name: "kernel_prerm",
    operands: "",
    hidden: true,
    description: "delete everything that is built for a kernel",
    needsRoot: "to-change",
    json: true,
  },
] as const satisfies readonly DkmsCommand[];
