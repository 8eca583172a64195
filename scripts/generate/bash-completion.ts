/** Completions for bash, which need nothing of the bash-completion package but the place where it looks for them. */
import type { Program } from "../../src/cli/frame/option-table.ts";
import {
  candidatesProgram,
  operandCandidates,
  optionCandidates,
  optionWords,
  visibleCommands,
  visibleOptions,
  type Candidates,
} from "./programs.ts";

/** The text of the file for a program. */
export function bashCompletion(program: Program): string {
  const options = visibleOptions(program);
  const commands = visibleCommands(program);
  const valued = options.filter(({ argument }) => argument !== undefined);
  const name = `_${program.name.replaceAll("-", "_")}`;
  const pattern = valued.flatMap(optionWords).join(" | ");
  const values = valued.map(
    (option) => `    ${optionWords(option).join(" | ")}) ${offer(optionCandidates(option))}; return ;;`,
  );
  const operands = commands.map((command) => `    ${command.name}) ${offer(operandCandidates(command.operand))} ;;`);
  const words = (program.words ?? []).map(
    (operand, index, all) => `    ${index === all.length - 1 ? "*" : index}) ${offer(operandCandidates(operand))} ;;`,
  );
  return `# shellcheck shell=bash
# Completion for ${program.name}, made from its table of options.

# Names may hold anything: what is offered is quoted, and never expanded as compgen -W would do it.
${name}_names() {
  local word
  for word in "$@"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$word")"); fi
  done
}
${name}_candidates() {
  local found
  mapfile -t found < <(${candidatesProgram} "$1" "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
  ${name}_names "\${found[@]}"
}
${name}_paths() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen "$1" -- "$cur"); }

${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD - 1]} word i count=0 command=
  COMPREPLY=()
  # \`--option=value\` is three words here.
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $option == "=" ]]; then
    option=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
${pattern === "" ? "" : `      ${pattern})\n        i=$((i + 1))\n        if [[ \${COMP_WORDS[i]} == "=" ]]; then i=$((i + 1)); fi\n        ;;\n`}      -* | "=") ;;
      *)
        count=$((count + 1))
        if [[ -z $command ]]; then command=$word; fi
        ;;
    esac
  done
${values.length === 0 ? "" : `  case $option in\n${values.join("\n")}\n  esac\n`}  if [[ $cur == -* ]]; then
    ${name}_names ${options.flatMap(optionWords).join(" ")}
    return
  fi
${commands.length === 0 ? "" : commandCase(commands.map((command) => command.name).join(" "), operands)}${words.length === 0 ? "" : `  case $count in\n${words.join("\n")}\n  esac\n`}}

complete -F ${name} ${program.name}
`;

  function commandCase(names: string, rows: readonly string[]): string {
    return `  case $command in\n    "") ${name}_names ${names} ;;\n${rows.join("\n")}\n  esac\n`;
  }

  function offer(candidates: Candidates | undefined): string {
    if (candidates === undefined) return ":";
    if (candidates === "file") return `${name}_paths -f`;
    if (candidates === "directory") return `${name}_paths -d`;
    return "kind" in candidates ? `${name}_candidates ${candidates.kind}` : `${name}_names ${candidates.join(" ")}`;
  }
}
