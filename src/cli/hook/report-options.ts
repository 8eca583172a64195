/** Options of `dkms-report`. */
import type { Program } from "../frame/option-table.ts";

export const reportProgram = {
  name: "dkms-report",
  summary:
    "Prints the report of the transaction that it runs in: which DKMS modules failed, where their logs are, what the next boot will find.",
  usage: ["dkms-report [--last]"],
  commands: [],
  options: [
    {
      name: "last",
      description: "the report of the last transaction, whenever it was; exits with status 1 when something is wrong",
    },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;
