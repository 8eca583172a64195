/** Every executable, by its option table. */
import { dkmsProgram } from "../../src/cli/dkms/commands.ts";
import { guardProgram } from "../../src/cli/guard/options.ts";
import { hookPrograms } from "../../src/cli/hook/options.ts";
import { hookgenProgram } from "../../src/cli/hookgen/options.ts";
import { initramfsProgram } from "../../src/cli/initramfs/options.ts";
import type { Command, Operand, Option, Program } from "../../src/cli/frame/option-table.ts";
import { pkgbuildProgram } from "../../src/cli/pkgbuild/options.ts";
import { reportProgram } from "../../src/cli/hook/report-options.ts";

export const programs: readonly Program[] = [
  dkmsProgram,
  hookgenProgram,
  pkgbuildProgram,
  guardProgram,
  hookPrograms["dkms-install"],
  hookPrograms["dkms-remove"],
  initramfsProgram,
  reportProgram,
];

/** Those that a shell finds, and completes: all others are called by hooks. */
export const programsOnPath: readonly Program[] = [dkmsProgram, hookgenProgram, pkgbuildProgram];

/** What a value can be: names that are known beforehand, or a kind of thing to look for. */
export type Candidates =
  | readonly string[]
  | "file"
  | "directory"
  | { readonly kind: Exclude<Operand, "file"> | "version" };

/** What an option's value can be, by the word for it; none for a flag and for what nobody can know. */
export function optionCandidates(option: Option): Candidates | undefined {
  if (option.values !== undefined) return option.values;
  switch (option.argument?.split(/[/[]/)[0]) {
    case "DIR":
      return "directory";
    case "FILE":
      return "file";
    case "KERNEL":
      return { kind: "kernel" };
    case "MODULE":
      return { kind: "source" };
    case "VERSION":
      return { kind: "version" };
    default:
      return undefined;
  }
}

/** What an operand can be. */
export function operandCandidates(operand: Operand | undefined): Candidates | undefined {
  if (operand === undefined || operand === "file") return operand;
  return { kind: operand };
}

/** What help and manual show. */
export function visibleOptions(program: Program): readonly Option[] {
  return program.options.filter(({ hidden }) => !hidden);
}

export function visibleCommands(program: Program): readonly Command[] {
  return program.commands.filter(({ hidden }) => !hidden);
}

/** The words of an option as they are typed, short one first: `-k`, `--kernelver`. */
export function optionWords({ name, short }: Option): readonly string[] {
  return [...(short === undefined ? [] : [`-${short}`]), ...(name === short ? [] : [`--${name}`])];
}

/** Where the installed script is that looks for names. */
export const candidatesProgram = "/usr/lib/dkms-alpm/candidates";
