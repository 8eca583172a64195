/** Completions for fish. */
import type { Program } from "../../src/cli/frame/option-table.ts";
import {
  candidatesProgram,
  operandCandidates,
  optionCandidates,
  visibleCommands,
  visibleOptions,
  type Candidates,
} from "./programs.ts";

/** The text of the file for a program. */
export function fishCompletion(program: Program): string {
  const complete = `complete -c ${program.name}`;
  const commands = visibleCommands(program);
  const lines = commands.flatMap(({ name, operand, description }) => [
    `${complete} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...offer(operandCandidates(operand)).map(
      (words) => `${complete} -n '__fish_seen_subcommand_from ${name}' ${words}`,
    ),
  ]);
  const words = (program.words ?? []).flatMap((operand, index, all) => {
    const condition = `test (count (commandline -opc | string match -v -- '-*')) ${index === all.length - 1 ? "-gt" : "-eq"} ${index === all.length - 1 ? index : index + 1}`;
    return offer(operandCandidates(operand)).map((more) => `${complete} -n ${quoted(condition)} ${more}`);
  });
  const options = visibleOptions(program).map((option) => {
    const { name, short, argument, description } = option;
    const forms = [...(short === undefined ? [] : [`-s ${short}`]), ...(name === short ? [] : [`-l ${name}`])];
    const candidates = optionCandidates(option);
    const value = argument === undefined ? [] : candidates === undefined ? ["-x"] : ["-r", ...offer(candidates)];
    return [complete, ...forms, ...value, "-d", quoted(description)].join(" ");
  });
  return `# fish completion for ${program.name}, made from its table of options.

${[`${complete} -f`, ...lines, ...words, ...options].join("\n")}
`;
}

function offer(candidates: Candidates | undefined): readonly string[] {
  if (candidates === undefined) return [];
  if (candidates === "file") return ["-F"];
  if (candidates === "directory") return ["-f -a '(__fish_complete_directories)'"];
  if ("kind" in candidates) return [`-f -a '(${candidatesProgram} ${candidates.kind} (commandline -opc)[2..-1])'`];
  return [`-f -a ${quoted(candidates.join(" "))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
