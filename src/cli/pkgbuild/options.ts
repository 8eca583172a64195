/** Options of `dkms-pkgbuild`, and how its command line is read. */
import type { Program } from "../frame/option-table.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import { unknownCommand, usageError } from "../frame/usage.ts";

export const pkgbuildProgram = {
  name: "dkms-pkgbuild",
  summary: "Makes packages of module sources (NAME-dkms) and checks them.",
  usage: ["dkms-pkgbuild new [OPTION]... SOURCES", "dkms-pkgbuild lint [OPTION]... [PACKAGE]..."],
  commands: [
    {
      name: "new",
      operands: "SOURCES",
      operand: "file",
      description: "write a PKGBUILD for module sources (a directory or a tarball), and a dkms.conf if they have none",
    },
    {
      name: "lint",
      operands: "[PACKAGE]...",
      operand: "file",
      description:
        "check a directory, a PKGBUILD or a built package (default: the working directory); exits with 1 for errors",
    },
  ],
  options: [
    { name: "name", argument: "NAME", description: "new: what to call the package (default: the module's name)" },
    { name: "version", argument: "VERSION", description: "new: its version (default: what dkms.conf says)" },
    { name: "output", short: "o", argument: "DIR", description: "new: where to write (default: ./NAME-dkms)" },
    { name: "force", description: "new: overwrite files that are there" },
    { name: "json", description: "print one JSON document" },
    { name: "dry-run", short: "n", description: "new: print what would be written, write nothing" },
    { name: "quiet", short: "q", description: "print errors only" },
    { name: "verbose", short: "v", description: "print what is packed or checked" },
    { name: "help", short: "h", description: "print this help" },
    { name: "V", short: "V", description: "print the version of this program" },
  ],
} as const satisfies Program;

/** What goes with both commands. */
interface Common {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What was asked for. */
export type PkgbuildArguments =
  | (Common & {
      readonly kind: "new";
      readonly source: string;
      readonly name: string | undefined;
      readonly version: string | undefined;
      readonly output: string | undefined;
      readonly force: boolean;
      readonly dryRun: boolean;
    })
  | (Common & { readonly kind: "lint"; readonly paths: readonly string[] });

/** What the options and words say. Throws `usage`. */
export function pkgbuildArguments(given: ParsedArguments): PkgbuildArguments {
  const [command, ...operands] = given.words;
  const common: Common = { json: given.has("json"), quiet: given.has("quiet"), verbose: given.has("verbose") };
  switch (command) {
    case "new": {
      const [source] = operands;
      if (source === undefined || operands.length > 1) throw usageError("One directory or tarball of sources, please.");
      return {
        ...common,
        kind: "new",
        source,
        name: given.value("name"),
        version: given.value("version"),
        output: given.value("output"),
        force: given.has("force"),
        dryRun: given.has("dry-run"),
      };
    }
    case "lint": {
      const stray = (["name", "version", "output", "force", "dry-run"] as const).find((option) => given.has(option));
      if (stray !== undefined) throw usageError(`--${stray} does not go with lint.`);
      return { ...common, kind: "lint", paths: operands.length === 0 ? ["."] : operands };
    }
    default:
      if (command === undefined) throw usageError("No command given.");
      throw unknownCommand(
        command,
        pkgbuildProgram.commands.map(({ name }) => name),
      );
  }
}
