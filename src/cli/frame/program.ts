/** The frame of the programs beside `dkms`: options by the program's table, help, version, errors. */
import { parseArgs } from "node:util";
import { projectVersion } from "../../model/project.ts";
import { setUmask } from "../../system/environment.ts";
import { write, writeLine } from "../../system/output.ts";
import { guarded } from "./guarded.ts";
import { helpText } from "./help.ts";
import type { Program } from "./option-table.ts";
import type { ParsedArguments } from "./parse-arguments.ts";
import { missingValue, unknownOption, usageError } from "./usage.ts";

/** Runs a program with the words after its name; returns its exit status: 2 for a wrong command line, else what `main` returns or its error means. */
export function runProgram(
  program: Program,
  argv: readonly string[],
  main: (given: ParsedArguments) => number | Promise<number>,
): Promise<number> {
  return guarded(program.name, async () => {
    setUmask();
    const given = parseFlags(program, argv);
    if (given.has("help")) {
      write("out", helpText(program));
      return 0;
    }
    // `dkms-pkgbuild new` has a --version of its own.
    if (given.has(program.options.some(({ name }) => name === "V") ? "V" : "version")) {
      writeLine("out", `${program.name} ${projectVersion}`);
      return 0;
    }
    return main(given);
  });
}

/** Reads the words by the rows of the program's table; throws `usage`. Node's own parser, since hooks start in every transaction. */
export function parseFlags({ options, words, commands }: Program, argv: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      options.map(({ name, short, argument }) => [
        name,
        { type: argument === undefined ? "boolean" : "string", multiple: true, ...(short && { short }) } as const,
      ]),
    ),
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const row = options.find((option) => option.name === name);
    if (row === undefined) throw unknownOption(rawName, options);
    if (row.argument === undefined) {
      if (value !== undefined) throw usageError(`Option ${rawName} takes no value.`);
    } else if (value === undefined || (inlineValue === false && /^-./.test(value))) throw missingValue(name, options);
    values.set(name, [...(values.get(name) ?? []), value?.trim() ?? ""]);
  }
  if (words === undefined && commands.length === 0 && positionals[0] !== undefined)
    throw usageError(`Extra argument: ${positionals[0]}`);
  return {
    words: positionals,
    has: (name) => values.has(name),
    value: (name) => values.get(name)?.at(-1),
    values: (name) => values.get(name) ?? [],
  };
}
