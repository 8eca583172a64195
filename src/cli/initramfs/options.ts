/** Command line of `dkms-initramfs`. */
import { parseArgs } from "node:util";
import { generators, packageName, type Generator } from "../../decide/hookgen/names.ts";
import { usageError } from "../frame/guarded.ts";
import type { Program } from "../frame/option-table.ts";

export const initramfsProgram = {
  name: "dkms-initramfs",
  summary:
    "Reads pacman's targets, one a line, and rewrites a kernel's initramfs when a module in it has changed and the generator's\nown hook does not do it. GENERATOR is mkinitcpio, dracut or booster; KERNEL is a package, linux. Hooks of dkms-hookgen run it.",
  usage: ["dkms-initramfs [OPTION] GENERATOR KERNEL <TARGETS"],
  commands: [],
  words: ["generator", "kernel-package"],
  options: [
    { name: "dry-run", short: "n", description: "print whether the image would be written, and why; write nothing" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;

/** What was asked for. */
export type InitramfsArguments =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "image"; readonly dryRun: "yes" | "no"; readonly generator: Generator; readonly kernel: string };

/** Reads the words after the program's name. Throws `usage`, or `bad-name` for what is no name of a package. */
export function parseInitramfsArguments(argv: readonly string[]): InitramfsArguments {
  const { values, positionals } = parseOrThrow(argv);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const [name, kernel, ...rest] = positionals;
  const generator = generators.find((one) => one === name);
  if (generator === undefined)
    throw usageError(`The generator is one of ${generators.join(", ")}, not ${name ?? "nothing"}.`);
  if (kernel === undefined || rest.length > 0)
    throw usageError("Name one kernel package: dkms-initramfs mkinitcpio linux");
  return { kind: "image", dryRun: values["dry-run"] === true ? "yes" : "no", generator, kernel: packageName(kernel) };
}

function parseOrThrow(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        "dry-run": { type: "boolean", short: "n" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}
