/** The command that builds a module, and its share of the job slots. Pure. */
import type { Share } from "../jobs/jobserver.ts";
import { shellQuote, simpleCommands, unquoted, type ShellWord } from "./shell-words.ts";

/** What decides about the command. */
export interface MakeRequest {
  /** The conf's own command for this kernel, evaluated; undefined for the default. */
  readonly configured: string | undefined;
  readonly kernelSource: string;
  /** Where the build sees its sources. */
  readonly buildDirectory: string;
  readonly release: string;
  readonly llvm: boolean;
  /** Slots of the pool; 0 for no limit. */
  readonly poolSize: number;
}

/** A command for bash. `member`: its makes take their job slots from the pool. */
export interface MakeCommand {
  readonly text: string;
  readonly share: Share;
  readonly slots: "member" | "outside";
}

/** Settles the command: dkms(8), MAKE[#]; a command that begins with `make` gets its jobs and KERNELRELEASE, others are the conf's own affair. */
export function makeCommand(request: MakeRequest): MakeCommand {
  const llvm = request.llvm ? " LLVM=1" : "";
  const text = `${request.configured ?? defaultMake(request)}${llvm}`;
  const release = `KERNELRELEASE=${shellQuote(request.release)}`;
  const isPlainMake = /^make(?![\w./+-])/.test(text);
  if (request.poolSize === 0) {
    return { text: isPlainMake ? withWords(text, `-j ${release}`) : text, share: "one", slots: "outside" };
  }
  const own = jobWords(text);
  const command = isPlainMake ? withWords(without(text, own.literal), release) : without(text, own.literal);
  // A number of jobs that is known only when the command runs: it gets the machine for itself, with its own number.
  if (own.others.length > 0) {
    return { text: isPlainMake ? withWords(text, release) : text, share: "all", slots: "outside" };
  }
  if (isPlainMake || own.literal.length > 0) return { text: command, share: "one", slots: "member" };
  return { text, share: "one", slots: "outside" };
}

function defaultMake({ kernelSource, buildDirectory }: MakeRequest): string {
  return `make -C ${shellQuote(kernelSource)} M=${shellQuote(buildDirectory)}`;
}

function withWords(text: string, words: string): string {
  return `make ${words}${text.slice("make".length)}`;
}

/** Words that tell a number of jobs: those of makes that can be read off the text, and all others. */
function jobWords(text: string): { readonly literal: readonly ShellWord[]; readonly others: readonly ShellWord[] } {
  const literal: ShellWord[] = [];
  const others: ShellWord[] = [];
  for (const words of simpleCommands(text)) {
    const program = programOf(words);
    for (const [index, word] of words.entries()) {
      if (index <= program || !/^-[a-zA-Z]*j|^--jobs(=|$)/.test(word.text)) continue;
      const next = words[index + 1];
      const isMake = /(^|\/)make$/.test(unquoted(words[program]?.text ?? ""));
      if (!isMake || !/^(-j\d*|--jobs|--jobs=\d+)$/.test(word.text)) {
        others.push(word);
        continue;
      }
      literal.push(word);
      if (/^(-j|--jobs)$/.test(word.text) && next !== undefined) {
        if (/^\d+$/.test(next.text)) literal.push(next);
        else if (/^["'`$]/.test(next.text)) others.push(next);
      }
    }
  }
  return { literal, others };
}

/** Which word is the program: assignments and `env` may stand before it. */
function programOf(words: readonly ShellWord[]): number {
  const found = words.findIndex(({ text }) => !/^\w+=/.test(text) && !/^(\/usr\/bin\/)?env$/.test(text));
  return found === -1 ? words.length : found;
}

/** The text without some words and the blanks before them. */
function without(text: string, words: readonly ShellWord[]): string {
  let result = text;
  for (const { start, end } of words.toReversed()) result = result.slice(0, start).trimEnd() + result.slice(end);
  return result;
}
