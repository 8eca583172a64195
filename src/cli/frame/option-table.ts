/** The form of option tables: parser, help, completions and manual pages all read the same rows. */

/** One option of a program. */
export interface Option {
  /** Long name without dashes. */
  readonly name: string;
  /** One letter without dash. */
  readonly short?: string;
  /** The word for its value in help, `KERNEL[/ARCH]`; without it the option is a flag. */
  readonly argument?: string;
  /** Exit code of `dkms` when the value is missing, where the reference has one of its own. */
  readonly missingExit?: number;
  /** May be given several times; the values are collected. */
  readonly repeatable?: boolean;
  /** What its value can be, for completion; without it the word for the value tells (`DIR`, `FILE`, `KERNEL`...). */
  readonly values?: readonly string[];
  /** Understood, and left out of help and manual. */
  readonly hidden?: boolean;
  /** What it does, one line. */
  readonly description: string;
}

/** What an operand names: a module in a state (`source`: its source is there, registered or not), a kernel release, a file, a pacman package, an initramfs generator. */
export type Operand =
  | "source"
  | "registered"
  | "built"
  | "installed"
  | "kernel"
  | "file"
  | "module-package"
  | "kernel-package"
  | "generator";

/** One subcommand of a program. */
export interface Command {
  readonly name: string;
  /** What follows the name: `MODULE/VERSION`. */
  readonly operands: string;
  /** What that can be, for completion. */
  readonly operand?: Operand;
  /** Names of the options that mean something to it; undefined: all. */
  readonly options?: readonly string[];
  /** A command line that shows it at work. */
  readonly example?: string;
  readonly hidden?: boolean;
  readonly description: string;
}

/** A program with its commands and options. */
export interface Program {
  readonly name: string;
  readonly summary: string;
  readonly usage: readonly string[];
  /** What the words of a program without commands can be, the last of them repeated. */
  readonly words?: readonly Operand[];
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
}
