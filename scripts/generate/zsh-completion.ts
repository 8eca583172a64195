/** Completions for zsh. */
import type { Option, Program } from "../../src/cli/frame/option-table.ts";
import {
  candidatesProgram,
  operandCandidates,
  optionCandidates,
  optionWords,
  visibleCommands,
  visibleOptions,
  type Candidates,
} from "./programs.ts";

/** The text of the file for a program, which the name `_PROGRAM` makes zsh find. */
export function zshCompletion(program: Program): string {
  const commands = visibleCommands(program);
  const name = `_${program.name.replaceAll("-", "_")}`;
  const words = program.words ?? [];
  const operands =
    commands.length > 0
      ? ["'1: :->command'", "'*: :->operand'"]
      : words.map((operand, index) => {
          const place = index === words.length - 1 ? "*" : index + 1;
          return `'${place}: :${action(operandCandidates(operand))}'`;
        });
  const specifications = [...visibleOptions(program).map(specification), ...operands];
  const described = commands.map((command) => `'${quoted(command.name)}:${quoted(command.description)}'`);
  const cases = commands.map((command) => `      ${command.name}) ${statement(operandCandidates(command.operand))} ;;`);
  return `#compdef ${program.name}
# Made from the table of options of ${program.name}.

${name}_candidates() {
  local -a found
  found=(\${(f)"$(${candidatesProgram} $1 "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  compadd -a found
}

${name}() {
  local curcontext=$curcontext state line
  local -a commands
  _arguments -C -s -S \\
    ${specifications.join(" \\\n    ")} && return
${
  commands.length === 0
    ? ""
    : `  case $state in
    command)
      commands=(
        ${described.join("\n        ")}
      )
      _describe -t commands command commands
      ;;
    operand)
      case $line[1] in
${cases.map((row) => `  ${row}`).join("\n")}
      esac
      ;;
  esac
`
}}

${name} "$@"
`;

  /** `'(-k --kernelver)'{-k,--kernelver=}'[the kernel]:KERNEL:...'` */
  function specification(option: Option): string {
    const forms = optionWords(option).map((word) => {
      if (option.argument === undefined) return word;
      return word.startsWith("--") ? `${word}=` : `${word}+`;
    });
    const repeated = option.repeatable ? "*" : "";
    const excluded = forms.length > 1 && repeated === "" ? `(${optionWords(option).join(" ")})` : "";
    const value =
      option.argument === undefined
        ? ""
        : `:${option.argument.replaceAll(/[[\]]/g, "")}:${action(optionCandidates(option))}`;
    const rest = `[${quoted(option.description)}]${value}`;
    return forms.length === 1
      ? `'${repeated}${forms[0]}${rest}'`
      : `'${excluded}${repeated}'{${forms.join(",")}}'${rest}'`;
  }

  function action(candidates: Candidates | undefined): string {
    if (candidates === undefined) return " ";
    if (candidates === "file") return "_files";
    if (candidates === "directory") return "_files -/";
    // Behind a blank, as _arguments would put words of its own before the kind.
    return "kind" in candidates ? ` ${name}_candidates ${candidates.kind}` : `(${candidates.join(" ")})`;
  }

  function statement(candidates: Candidates | undefined): string {
    if (candidates === undefined) return "_message 'nothing more'";
    return Array.isArray(candidates) ? `compadd ${candidates.join(" ")}` : action(candidates).trim();
  }
}

/** In single quotes, where brackets and colons mean something to _arguments and _describe. */
function quoted(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
}
