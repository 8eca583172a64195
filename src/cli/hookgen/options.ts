/** Options of `dkms-hookgen`, and how its command line is read. */
import { generators, packageName, styles, type Generator, type Style } from "../../decide/hookgen/names.ts";
import type { Program } from "../frame/option-table.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import { usageError } from "../frame/usage.ts";

export const hookgenProgram = {
  name: "dkms-hookgen",
  summary:
    "Writes pacman hooks that make a kernel's initramfs anew when a DKMS module in it has changed: one file a kernel, 90-GENERATOR-dkms-KERNEL.hook. Modules and kernels are names of packages: dkms-hookgen zfs-dkms linux linux-lts",
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
    { name: "dry-run", short: "n", description: "print what would be written or removed, change nothing" },
    { name: "force", description: "overwrite what was edited by hand, take names that pacman does not know" },
    { name: "remove", description: "take modules out of the hooks; a hook without modules is removed" },
    { name: "list", description: "list the hooks and what they are for" },
    { name: "lint", description: "check hook files (default: all that pacman uses)" },
    { name: "json", description: "print one JSON document" },
    { name: "quiet", short: "q", description: "print errors only" },
    { name: "verbose", short: "v", description: "print which directory and which generator it takes" },
    { name: "help", short: "h", description: "print this help" },
    { name: "version", short: "V", description: "print the version" },
  ],
} as const satisfies Program;

/** What goes with every command of `dkms-hookgen`. */
interface Common {
  /** Undefined: the last HookDir that pacman uses. */
  readonly hookDirectory: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Modules and kernels are checked names of packages. */
export type HookgenArguments =
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
      readonly force: boolean;
      readonly to: "files" | "stdout" | "nowhere";
    })
  | (Common & {
      readonly kind: "remove";
      readonly modules: readonly string[];
      /** Empty: all kernels. */
      readonly kernels: readonly string[];
      readonly generator: Generator | undefined;
      readonly force: boolean;
      readonly to: "files" | "stdout" | "nowhere";
    });

/** What the options and words say. Throws `usage`, or `bad-name` for what is no name of a package. */
export function hookgenArguments(given: ParsedArguments): HookgenArguments {
  const { words: positionals } = given;
  const kinds = (["remove", "list", "lint"] as const).filter((name) => given.has(name));
  if (kinds.length > 1) throw usageError(`--${kinds.join(" and --")} exclude each other.`);
  const [kind = "write"] = kinds;
  const hookdir = given.value("hookdir");
  if (hookdir === "") throw usageError("--hookdir needs a directory.");
  const common: Common = {
    hookDirectory: hookdir,
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
  };
  if (kind === "list" || kind === "lint") {
    const stray = (["generator", "style", "stdout", "dry-run", "force"] as const).find((name) => given.has(name));
    if (stray !== undefined) throw usageError(`--${stray} does not go with --${kind}.`);
    if (kind === "lint") return { ...common, kind, files: positionals };
    if (positionals.length > 0) throw usageError("--list takes no names.");
    return { ...common, kind };
  }
  const [first, ...rest] = positionals;
  const modules = (first ?? "").split(",").filter((name) => name !== "");
  if (modules.length === 0) throw usageError("Which module package? For example: dkms-hookgen zfs-dkms linux");
  if (kind === "write" && rest.length === 0)
    throw usageError("Which kernel package? For example: dkms-hookgen zfs-dkms linux");
  const subject = {
    ...common,
    modules: unique(modules),
    kernels: unique(rest),
    generator: oneOf(generators, "generator", given.value("generator")),
    force: given.has("force"),
    to: given.has("stdout") ? "stdout" : given.has("dry-run") ? "nowhere" : "files",
  } as const;
  const style = oneOf(styles, "style", given.value("style"));
  if (kind === "write") return { ...subject, kind, style };
  if (style !== undefined) throw usageError("--style does not go with --remove.");
  return { ...subject, kind };
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
  if (found === undefined) throw usageError(`--${option} is one of ${names.join(", ")}, not ${JSON.stringify(value)}.`);
  return found;
}
