/** The `dkms` command: reads its command line by the table of commands and runs the one that it names. */
import { DkmsError } from "../../model/errors.ts";
import { projectVersion, referenceVersion } from "../../model/project.ts";
import { setUmask } from "../../system/environment.ts";
import { silence, write, writeLine } from "../../system/output.ts";
import { guarded } from "../frame/guarded.ts";
import type { Option } from "../frame/option-table.ts";
import { parseArguments, type ParsedArguments } from "../frame/parse-arguments.ts";
import { optionName, unknownCommand, usageError } from "../frame/usage.ts";
import { dkmsCommands, dkmsProgram } from "./commands.ts";
import { loaders } from "./loaders.ts";
import { requireRoot } from "./root.ts";

/** Runs `dkms` with the words after its name; returns its exit status. */
export function dkms(argv: readonly string[]): Promise<number> {
  let program = "dkms";
  return guarded(
    () => program,
    async () => {
      setUmask();
      if (argv.includes("-q") || argv.includes("--quiet")) silence("out", "err");
      const given = await parsed(argv);
      for (const name of ["no-initrd", "no-clean-kernel", "no-prepare-kernel"]) {
        if (given.has(name)) writeLine("err", `Deprecated feature: --${name}`);
      }
      if (given.has("version")) {
        writeLine("out", `dkms-${referenceVersion} (dkms-alpm ${projectVersion})`);
        return 0;
      }
      if (given.has("help") || given.words[0] === "help") return help(given);
      const command = namedCommand(given.words);
      program = `dkms ${command.name}`;
      return runCommand(command, withCommandFirst(given, command.name), argv);
    },
  );
}

type NamedCommand = (typeof dkmsCommands)[number];

/** Where 2 is an answer of the command, a command line that cannot be understood has another status. */
async function parsed(argv: readonly string[]): Promise<ParsedArguments> {
  try {
    return await parseArguments(withVerbose(argv), dkmsProgram.options);
  } catch (error) {
    const exitCode = dkmsCommands.find(({ name }) => name === argv[0])?.usageStatus;
    if (exitCode === undefined || !(error instanceof DkmsError)) throw error;
    throw new DkmsError(error.code, error.message, { ...error.facts, exitCode });
  }
}

/** A command is understood wherever it stands among the words (`dkms zfs/2.2.2 install`); whoever reads these finds it in front. */
function withCommandFirst(given: ParsedArguments, name: string): ParsedArguments {
  const at = given.words.indexOf(name);
  return { ...given, words: [name, ...given.words.slice(0, at), ...given.words.slice(at + 1)] };
}

async function runCommand(command: NamedCommand, given: ParsedArguments, argv: readonly string[]): Promise<number> {
  const { name, json, needsRoot } = command;
  if (given.has("json") && !json) throw usageError(`--json does not go with ${name}.`);
  refuseStray(command, given);
  const { readSettings } = await import("../frame/settings.ts");
  const settings = await readSettings(given);
  if (needsRoot === "to-change" && !settings.dryRun) requireRoot();
  const main = await loaders[name]();
  if (given.values("kernelver").length === 0 && given.value("templatekernel") === undefined)
    return main(settings, given, name, argv);
  const { withReleases } = await import("./given-kernels.ts");
  return main(settings, withReleases(given, settings.layout), name, argv);
}

/** The reference ignores options that mean nothing to a command; ours refuse them, but for those of the trees. */
function refuseStray({ name, isOurs, options, usageStatus }: NamedCommand, given: ParsedArguments): void {
  if (isOurs !== true || options === undefined) return;
  const known = new Set([...options, "dkmstree", "sourcetree", "installtree"]);
  const stray = dkmsProgram.options.find((option) => !known.has(option.name) && given.value(option.name) !== undefined);
  if (stray === undefined) return;
  const message = `${optionName(stray.name)} does not go with ${name}.`;
  throw new DkmsError("usage", message, usageStatus === undefined ? {} : { exitCode: usageStatus });
}

/** The help of the command that the words name, or of all. */
async function help({ words }: ParsedArguments): Promise<number> {
  const { commandHelp, helpText } = await import("../frame/help.ts");
  const rest = words[0] === "help" ? words.slice(1) : words;
  const command = rest.length === 0 ? undefined : namedCommand(rest);
  write("out", command === undefined ? helpText(dkmsProgram) : commandHelp(dkmsProgram, command));
  return 0;
}

/** `-v` is the version of a module, as with the reference; those of our own commands that have no module mean --verbose by it. */
function withVerbose(argv: readonly string[]): readonly string[] {
  // A module may be called like one of them: behind -m stands no command.
  const first = argv.find((word, index) => !word.startsWith("-") && !takesValue(argv[index - 1]));
  const command = dkmsCommands.find(({ name, isOurs }) => isOurs === true && name === first);
  if (command?.options?.includes("v") !== false) return argv;
  return argv.map((word) => (word === "-v" ? "--verbose" : word));
}

/** Whether the word behind this one is its value. What -v means is asked here. */
function takesValue(word: string | undefined): boolean {
  const options: readonly Option[] = dkmsProgram.options;
  return options.some(
    ({ name, short, argument }) =>
      argument !== undefined && name !== "v" && (word === `--${name}` || word === `-${short}`),
  );
}

/** The command among the words; throws `usage` for none, for several, and for one that is unknown. */
function namedCommand(words: readonly string[]): NamedCommand {
  const found = words.flatMap(
    (word, index) => dkmsCommands.find(({ name, isOurs }) => name === word && (isOurs !== true || index === 0)) ?? [],
  );
  const [command] = found;
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(" and ");
    throw new DkmsError("usage", `One command at a time: ${names} were given.`, { exitCode: 4 });
  }
  if (command !== undefined) return command;
  const [first] = words;
  if (first === undefined) throw usageError("No command given.");
  const visible = dkmsCommands.filter(({ hidden }) => !hidden);
  throw unknownCommand(
    first,
    visible.map(({ name }) => name),
  );
}
