/** Options of `dkms-guard`. */
import type { Program } from "../frame/option-table.ts";

/** The exit status of a refusal: the only one by which the hook stops pacman, and none that Node, a shell or a signal gives. */
export const refusal = 99;

export const guardProgram: Program = {
  name: "dkms-guard",
  summary:
    "Reads pacman's targets, one a line, builds the DKMS modules that they concern against the incoming packages, and exits with status 99 to refuse the transaction.",
  usage: ["dkms-guard [OPTION]... <TARGETS"],
  commands: [],
  options: [
    { name: "removal", hidden: true, description: "judge what the transaction removes" },
    { name: "dry-run", short: "n", description: "print what would be test-built, build nothing" },
    { name: "quiet", short: "q", description: "print errors and warnings only" },
    { name: "verbose", short: "v", description: "print more" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
};
