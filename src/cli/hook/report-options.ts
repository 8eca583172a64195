/** Options of `dkms-report`. */
import type { Program } from "../frame/option-table.ts";

export const reportProgram = {
  name: "dkms-report",
  summary:
    "Prints the report of the transaction that it runs in: which DKMS modules failed, where their logs are, what the next boot will find.",
  usage: ["dkms-report [--last | --kernel KERNEL] [--json]"],
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
    { name: "json", description: "print it as one JSON document" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;
