/** Help texts, made from the option tables: of a program, and of one command of it. No line is longer than 80 columns. */
import type { Command, Option, Program } from "./option-table.ts";

const columns = 80;

/** The help text of a program: usage, commands, options. */
export function helpText(program: Program): string {
  const commands = program.commands.filter(({ hidden }) => !hidden);
  const options = program.options.filter(({ hidden }) => !hidden);
  const commandRows = commands.map(({ name, operands, description }): Row => [
    operands === "" ? name : `${name} ${operands}`,
    description,
  ]);
  return joined([
    program.usage.flatMap((line, index) => wrapped(`${index === 0 ? "Usage:" : "      "} ${line}`, 9)).join("\n"),
    program.summary
      .split("\n")
      .flatMap((line) => wrapped(line, 0))
      .join("\n"),
    ...(commandRows.length === 0 ? [] : [`Commands:\n${table(commandRows)}`]),
    `Options:\n${table(options.map(optionRow))}`,
    ...(commandRows.length === 0 ? [] : [`Help for one command: ${program.name} COMMAND --help`]),
  ]);
}

/** The help text of one command: its usage, what it does, its options and an example. */
export function commandHelp(program: Program, command: Command): string {
  const operands = command.operands === "" ? "" : ` ${command.operands}`;
  const options = program.options.filter(({ name, hidden }) => !hidden && command.options?.includes(name) !== false);
  const [first = "", ...rest] = command.description;
  return joined([
    wrapped(`Usage: ${program.name} ${command.name}${operands}${options.length === 0 ? "" : " [OPTION]..."}`, 9).join(
      "\n",
    ),
    wrapped(`${first.toUpperCase()}${rest.join("")}.`, 0).join("\n"),
    ...(options.length === 0 ? [] : [`Options:\n${table(options.map(optionRow))}`]),
    ...(command.example === undefined ? [] : [`Example:\n  ${command.example}`]),
  ]);
}

type Row = readonly [left: string, right: string];

function optionRow(option: Option): Row {
  return [optionWords(option), option.description];
}

/** `-k, --kernelver KERNEL[/ARCH]` */
function optionWords(option: Option): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const long = option.name === option.short ? "" : `--${option.name}`;
  const words = long === "" ? `-${option.short}` : `${short}${long}`;
  return option.argument === undefined ? words : `${words} ${option.argument}`;
}

/** Two columns; what is too long for the left one has a line of its own. */
function table(rows: readonly Row[]): string {
  const width = Math.min(29, Math.max(...rows.map(([left]) => left.length)));
  const indent = width + 4;
  return rows
    .flatMap(([left, right]) => {
      const words = wrapped(right, 0, columns - indent).map((line) => `${" ".repeat(indent)}${line}`);
      if (left.length > width) return [`  ${left}`, ...words];
      return [`  ${left.padEnd(width)}  ${words[0]?.trimStart() ?? ""}`, ...words.slice(1)];
    })
    .join("\n");
}

/** Lines of at most so many columns; those after the first are indented. */
function wrapped(text: string, indent: number, most = columns): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.trimEnd().split(/(?<=\S) /)) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = `${" ".repeat(indent)}${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function joined(sections: readonly string[]): string {
  return `${sections.join("\n\n")}\n`;
}
