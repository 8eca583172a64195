/** Command line of `dkms-initramfs`. */
import { generators, packageName, type Generator } from "../../decide/hookgen/names.ts";
import { usageError } from "../frame/usage.ts";
import type { Program } from "../frame/option-table.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";

export const initramfsProgram = {
  name: "dkms-initramfs",
  summary:
    "Reads pacman's targets, one a line, and rewrites a kernel's initramfs when a module in it has changed and the generator's own hook does not do it. GENERATOR is mkinitcpio, dracut or booster; KERNEL is a package, linux. Hooks of dkms-hookgen run it.",
  usage: ["dkms-initramfs [OPTION]... GENERATOR KERNEL <TARGETS"],
  commands: [],
  words: ["generator", "kernel-package"],
  options: [
    { name: "dry-run", short: "n", description: "print whether the image would be written and why, write nothing" },
    { name: "quiet", short: "q", description: "print errors and warnings only" },
    { name: "verbose", short: "v", description: "print the reason, also when nothing is written" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;

/** What was asked for: the image of a kernel package, by a generator. */
export interface InitramfsArguments {
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly generator: Generator;
  readonly kernel: string;
}

/** What the options and words say. Throws `usage`, or `bad-name` for what is no name of a package. */
export function initramfsArguments(given: ParsedArguments): InitramfsArguments {
  const [name, kernel, ...rest] = given.words;
  const generator = generators.find((one) => one === name);
  if (generator === undefined)
    throw usageError(`The generator is one of ${generators.join(", ")}, not ${name ?? "nothing"}.`);
  if (kernel === undefined || rest.length > 0)
    throw usageError("Name one kernel package: dkms-initramfs mkinitcpio linux");
  return { dryRun: given.has("dry-run"), verbose: given.has("verbose"), generator, kernel: packageName(kernel) };
}
