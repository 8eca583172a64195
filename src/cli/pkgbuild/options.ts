/** Options of `dkms-pkgbuild`, and how its command line is read. */
import { parseArgs } from "node:util";
import { DkmsError } from "../../model/errors.ts";
import type { Program } from "../frame/option-table.ts";

export const pkgbuildProgram = {
  name: "dkms-pkgbuild",
  summary: "Makes packages of module sources (NAME-dkms) and checks them.",
  usage: [
    "dkms-pkgbuild new [--name NAME] [--version VERSION] [--output DIR] [--force] SOURCES",
    "dkms-pkgbuild lint [--json] [--quiet] [PACKAGE]...",
  ],
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
    { name: "json", description: "lint: print one JSON document" },
    { name: "quiet", short: "q", description: "print errors only" },
    { name: "help", short: "h", description: "print this help" },
    { name: "V", short: "V", description: "print the version of this program" },
  ],
} as const satisfies Program;

/** What was asked for. */
export type PkgbuildArguments =
  | { readonly kind: "help" | "version" }
  | {
      readonly kind: "new";
      readonly source: string;
      readonly name: string | undefined;
      readonly version: string | undefined;
      readonly output: string | undefined;
      readonly force: "yes" | "no";
      readonly quiet: "yes" | "no";
    }
  | {
      readonly kind: "lint";
      readonly paths: readonly string[];
      readonly json: "yes" | "no";
      readonly quiet: "yes" | "no";
    };

/** Reads the words after the program's name. Throws `usage`. */
export function parsePkgbuildArguments(argv: readonly string[]): PkgbuildArguments {
  // With a value it is an option of `new`; alone it is what every program has.
  if (argv.length === 1 && argv[0] === "--version") return { kind: "version" };
  const { values, positionals } = parseOrThrow(argv);
  if (values.help === true) return { kind: "help" };
  if (values.V === true) return { kind: "version" };
  const [command, ...operands] = positionals;
  const { name, version, output } = values;
  switch (command) {
    case "new": {
      const [source] = operands;
      if (source === undefined || operands.length > 1) throw usage("One directory or tarball of sources, please.");
      if (values.json === true) throw usage("--json does not go with new.");
      return { kind: "new", source, name, version, output, force: told(values.force), quiet: told(values.quiet) };
    }
    case "lint": {
      const stray = (["name", "version", "output", "force"] as const).find((option) => values[option] !== undefined);
      if (stray !== undefined) throw usage(`--${stray} does not go with lint.`);
      const paths = operands.length === 0 ? ["."] : operands;
      return { kind: "lint", paths, json: told(values.json), quiet: told(values.quiet) };
    }
    default:
      throw usage(command === undefined ? "Which command? new or lint." : `Unknown command: ${command} (new or lint)`);
  }
}

function parseOrThrow(argv: readonly string[]) {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        name: text,
        version: text,
        output: { ...text, short: "o" },
        force: flag,
        json: flag,
        quiet: { ...flag, short: "q" },
        help: { ...flag, short: "h" },
        V: { ...flag, short: "V" },
      },
    });
  } catch (error) {
    // Node's sentence goes on with advice that does not fit here.
    throw usage(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function told(flag: boolean | undefined): "yes" | "no" {
  return flag === true ? "yes" : "no";
}

function usage(message: string): DkmsError {
  return new DkmsError("usage", message, { hint: "See dkms-pkgbuild --help." });
}
