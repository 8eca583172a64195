/** Options of `dkms-report`. */
import type { Program } from "../frame/option-table.ts";

export const reportProgram = {
  name: "dkms-report",
  summary:
    "Prints the last words of the transaction that it runs in: which DKMS modules failed, where their logs are, whether to reboot.",
  usage: ["dkms-report [--last]"],
  commands: [],
  options: [
    {
      name: "last",
      description: "those of the last transaction, whenever it was; exits with 1 when something went wrong in it",
    },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;
