/** Options of `dkms-report`. */
import type { Program } from "../frame/option-table.ts";

export const reportProgram = {
  name: "dkms-report",
  summary:
    "Prints the report of the transaction that it runs in: which DKMS modules failed, where their logs are, what the next boot will find.",
  usage: ["dkms-report [OPTION]... [--last | --kernel KERNEL]"],
  commands: [],
  options: [
    {
      name: "last",
      description: "the report of the last transaction, whenever it was; exits with status 1 when something is wrong",
    },
    {
      name: "kernel",
      argument: "KERNEL",
      description:
        "check whether a kernel release has the modules that this machine needs to boot; exits with status 77 when one is missing",
    },
    { name: "json", description: "print one JSON document" },
    { name: "dry-run", short: "n", description: "print the report, keep and send nothing" },
    { name: "quiet", short: "q", description: "print errors and warnings only" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;
