/** Parses a command line by an option table; every value stays the text that was typed. */
import type { Option } from "./option-table.ts";
import { missingValue, unknownOption } from "./usage.ts";

/** A parsed command line. */
export interface ParsedArguments {
  /** Words that are no options and no values of options. */
  readonly words: readonly string[];
  /** Whether a flag was given. */
  has(name: string): boolean;
  /** The last value of an option, blanks round it cut off; undefined when it was not given. */
  value(name: string): string | undefined;
  /** All values of a repeatable option, in their order. */
  values(name: string): readonly string[];
}

/** Parses the words after the program's name. Throws `usage` for an unknown option and for one without its value. */
export async function parseArguments(argv: readonly string[], options: readonly Option[]): Promise<ParsedArguments> {
  // Every prompt may ask for `dkms status`: where there is no option, loading what reads options would be a tenth of the time.
  if (!argv.some((word) => word.startsWith("-")))
    return { words: argv, has: () => false, value: () => undefined, values: () => [] };
  const { Parser } = await import("./option-parser.ts");
  const valued = options.filter(({ argument }) => argument !== undefined).map(({ name }) => name);
  const parsed = Parser([...argv], {
    boolean: options.filter(({ argument }) => argument === undefined).map(({ name }) => name),
    array: valued,
    string: valued,
    alias: Object.fromEntries(
      options.flatMap(({ name, short }) => (short === undefined || short === name ? [] : [[name, [short]]])),
    ),
    narg: Object.fromEntries(valued.map((name) => [name, 1])),
    configuration: {
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "duplicate-arguments-array": true,
      "flatten-duplicate-arrays": true,
      "greedy-arrays": false,
      "nargs-eats-options": true,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
      "strip-aliased": true,
    },
  });
  const glued = argv.find((word) => /^-[A-Za-z]=/.test(word));
  if (glued !== undefined) throw unknownOption(glued, options);
  const known = new Set(options.map(({ name }) => name));
  for (const name of Object.keys(parsed)) {
    if (name === "_" || known.has(name)) continue;
    const word = argv.find((given) => given === `-${name}` || given === `--${name}` || given.startsWith(`--${name}=`));
    throw unknownOption(word ?? name, options);
  }
  const valuesOf = (name: string): readonly string[] => {
    const value: unknown = parsed[name];
    if (value === undefined) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 && argv.includes(`--${name}=`)) return [""];
    if (list.length === 0) throw missingValue(name, options);
    return list.map((item) => String(item).trim());
  };
  for (const name of valued) valuesOf(name);
  return {
    words: parsed._.map(String),
    has: (name) => parsed[name] === true || (Array.isArray(parsed[name]) && parsed[name].includes(true)),
    value: (name) => valuesOf(name).at(-1),
    values: valuesOf,
  };
}
