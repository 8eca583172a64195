/** Options of `dkms-hookgen`, and how its command line is read. */
import { parseArgs } from "node:util";
import { generators, packageName, type Generator } from "../../decide/hookgen/names.ts";
import { styles, type Style } from "../../decide/hookgen/template.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Program } from "../frame/option-table.ts";

export const hookgenProgram = {
  name: "dkms-hookgen",
  summary:
    "Writes pacman hooks that make a kernel's initramfs anew when a DKMS module in it has changed: one file a kernel,\n90-GENERATOR-dkms-KERNEL.hook. Modules and kernels are names of packages: dkms-hookgen zfs-dkms linux linux-lts",
  usage: [
    "dkms-hookgen [OPTION]... MODULE-dkms[,MODULE-dkms]... KERNEL...",
    "dkms-hookgen --remove [OPTION]... MODULE-dkms[,MODULE-dkms]... [KERNEL]...",
    "dkms-hookgen --list [--hookdir DIR] [--json]",
    "dkms-hookgen --lint [--hookdir DIR] [--json] [FILE]...",
  ],
  commands: [],
  words: ["module-package", "kernel-package"],
  options: [
    {
      name: "generator",
      argument: "NAME",
      values: generators,
      description: "mkinitcpio, dracut or booster (default: the one installed)",
    },
    {
      name: "style",
      argument: "NAME",
      values: styles,
      description: "exec: run dkms-initramfs (default); shell: a hook that works without dkms-alpm",
    },
    { name: "hookdir", argument: "DIR", description: "where the hooks are (default: the last HookDir of pacman.conf)" },
    { name: "stdout", description: "print the hooks, write nothing" },
    { name: "force", description: "overwrite what was edited by hand; with --remove, remove it" },
    { name: "remove", description: "take modules out of the hooks; a hook without modules is removed" },
    { name: "list", description: "list the hooks and what they are for" },
    { name: "lint", description: "check hook files (default: all that pacman uses)" },
    { name: "json", description: "print results as JSON" },
    { name: "quiet", short: "q", description: "print errors only" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;

/** What goes with every command of `dkms-hookgen`. */
interface Common {
  /** Undefined: the last HookDir that pacman uses. */
  readonly hookDirectory: string | undefined;
  readonly json: "yes" | "no";
  readonly quiet: "yes" | "no";
}

/** Modules and kernels are checked names of packages. */
export type HookgenArguments =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | (Common & { readonly kind: "list" })
  /** No files: all hooks that pacman uses. */
  | (Common & { readonly kind: "lint"; readonly files: readonly string[] })
  | (Common & {
      readonly kind: "write";
      readonly modules: readonly string[];
      readonly kernels: readonly string[];
      /** Undefined: the one that is installed. */
      readonly generator: Generator | undefined;
      readonly style: Style | undefined;
      readonly force: "yes" | "no";
      readonly to: "files" | "stdout";
    })
  | (Common & {
      readonly kind: "remove";
      readonly modules: readonly string[];
      /** Empty: all kernels. */
      readonly kernels: readonly string[];
      readonly generator: Generator | undefined;
      readonly force: "yes" | "no";
      readonly to: "files" | "stdout";
    });

/** Reads the words after the program's name. Throws `usage`, or `bad-name` for what is no name of a package. */
export function parseHookgenArguments(argv: readonly string[]): HookgenArguments {
  const { values, positionals } = parseOrThrow(argv);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const kinds = (["remove", "list", "lint"] as const).filter((name) => values[name] === true);
  if (kinds.length > 1) throw usage(`--${kinds.join(" and --")} exclude each other.`);
  const [kind = "write"] = kinds;
  const { hookdir } = values;
  if (hookdir === "") throw usage("--hookdir needs a directory.");
  const common: Common = { hookDirectory: hookdir, json: told(values.json), quiet: told(values.quiet) };
  if (kind === "list" || kind === "lint") {
    const stray = (["generator", "style", "stdout", "force"] as const).find((name) => values[name] !== undefined);
    if (stray !== undefined) throw usage(`--${stray} does not go with --${kind}.`);
    if (kind === "lint") return { ...common, kind, files: positionals };
    if (positionals.length > 0) throw usage("--list takes no names.");
    return { ...common, kind };
  }
  const [first, ...rest] = positionals;
  const modules = (first ?? "").split(",").filter((name) => name !== "");
  if (modules.length === 0) throw usage("Which module package? For example: dkms-hookgen zfs-dkms linux");
  if (kind === "write" && rest.length === 0)
    throw usage("Which kernel package? For example: dkms-hookgen zfs-dkms linux");
  const subject = {
    ...common,
    modules: unique(modules),
    kernels: unique(rest),
    generator: oneOf(generators, "generator", values.generator),
    force: told(values.force),
    to: values.stdout === true ? "stdout" : "files",
  } as const;
  const style = oneOf(styles, "style", values.style);
  if (kind === "write") return { ...subject, kind, style };
  if (style !== undefined) throw usage("--style does not go with --remove.");
  return { ...subject, kind };
}

function parseOrThrow(argv: readonly string[]) {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        generator: text,
        style: text,
        hookdir: text,
        stdout: flag,
        force: flag,
        remove: flag,
        list: flag,
        lint: flag,
        json: flag,
        quiet: { ...flag, short: "q" },
        help: { ...flag, short: "h" },
        version: { ...flag, short: "V" },
      },
    });
  } catch (error) {
    // Node's sentence goes on with advice that does not fit here.
    throw usage(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(packageName))];
}

function oneOf<Name extends string>(
  names: readonly Name[],
  option: string,
  value: string | undefined,
): Name | undefined {
  if (value === undefined) return undefined;
  const found = names.find((name) => name === value);
  if (found === undefined) throw usage(`--${option} is one of ${names.join(", ")}, not ${JSON.stringify(value)}.`);
  return found;
}

function told(flag: boolean | undefined): "yes" | "no" {
  return flag === true ? "yes" : "no";
}

function usage(message: string): DkmsError {
  return new DkmsError("usage", message, { hint: "See dkms-hookgen --help." });
}
