/** Finds in the output of a failed command the lines that tell why. Pure. */
import { stripVTControlCharacters } from "node:util";

/** Lines shown at most; the full log is always named beside them. */
const mostLines = 8;
/** A line is cut after so many characters: commands of kernel builds run to thousands. */
const longestLine = 300;

/**
 * The first lines that explain a failure, control characters stripped: errors of compiler, linker, modpost, shell and patch, each with its file
 * and line as the tool wrote them; when no line looks like an error, the last lines of the output.
 */
export function excerptOf(output: string): readonly string[] {
  const lines = output.split(/\r?\n/).map(printable).filter(isTelling);
  const causes = lines.filter((line) => causePatterns.some((pattern) => pattern.test(line)) && !isNoise(line));
  return causes.length > 0 ? distinct(causes).slice(0, mostLines) : distinct(lines).slice(-mostLines);
}

/** What a read-only file system kept the command from writing, as absolute paths or as the tool named it; without a name the text says `(unnamed)`. */
export function refusedWrites(output: string): readonly string[] {
  const found: string[] = [];
  for (const line of output.split("\n").map(printable)) {
    if (!/read-only file system|errno 30/i.test(line)) continue;
    const before = /['‘"`]?(\/[^'’"`:]*[^'’"`:\s])['’"`]?:? *(?:\[Errno 30\] )?Read-only file system/i.exec(line)?.[1];
    const after = /Read-only file system:? *['‘"](\/[^'’"]+)['’"]/i.exec(line)?.[1];
    const anywhere = /['‘"](\/[^'’"]+)['’"]/.exec(line)?.[1];
    found.push(after ?? before ?? anywhere ?? "(unnamed)");
  }
  return distinct(found);
}

/** Absolute paths that the command asked for in vain: they did not exist for it, or it had no permission. */
export function askedInVain(output: string, why: "absent" | "denied"): readonly string[] {
  const line =
    why === "absent"
      ? /(?:: (?:No such file or directory|not found)|No rule to make target .*)$/
      : /: Permission denied$/;
  const lines = output.split("\n").map(printable);
  // `/bin/sh: 1: pahole: not found`: it is the shell that speaks, and nobody asked for the shell.
  const asked = lines.filter((text) => line.test(text)).map((text) => text.replace(/^\S*sh: (?:line )?\d+: /, ""));
  const found = asked.flatMap((text) => text.match(/\/[^'’"`:,\s]+/g) ?? []);
  return distinct(found);
}

/** What begins a chain of errors. The order does not matter: lines stay in the order of the output. */
const causePatterns: readonly RegExp[] = [
  // gcc, clang, ld, modpost, objtool, rustc: `file:12:3: error: ...`, `ERROR: modpost: ...`, `ld: error: ...`
  /\b(?:fatal )?error(?:\[E\d+\])?:/i,
  // the linker
  /undefined reference to|multiple definition of|cannot find -l/,
  // make: `Makefile:3: *** missing separator.  Stop.`, `make[1]: *** No rule to make target 'x'.  Stop.`
  /\*\*\* (?!\[)/,
  // patch
  /^Hunk #\d+ (?:FAILED|ignored)|^\d+ out of \d+ hunks? (?:FAILED|ignored)|^can't find file to patch|malformed patch|Reversed \(or previously applied\) patch/,
  /^Skipping patch|Only garbage was found in the patch input/,
  // shells and the usual tools
  /: (?:command not found|not found|No such file or directory|Permission denied|Operation not permitted|syntax error.*)$/,
  /No space left on device|Read-only file system|Cannot allocate memory|Out of memory|internal compiler error|Killed/,
  // The dynamic loader
  /: version `[^']+' not found|error while loading shared libraries/,
  /Could not resolve host|Temporary failure in name resolution|Network is unreachable/i,
  /^bwrap: /,
];

/** Lines that contain the word but are no error: source that a compiler quotes, what make passes over, warnings that a flag has named errors. */
function isNoise(line: string): boolean {
  if (/\*\*\* (?:Waiting for unfinished jobs|Deleting (?:intermediate )?file )/.test(line)) return true;
  if (/^\s+\d* \|/.test(line)) return true;
  return !/error:/i.test(line) && /\((?:ignored|tolerated)\)|warning:|-Werror|^\s*(?:CC|LD|AR|MODPOST)\b/.test(line);
}

function isTelling(line: string): boolean {
  return line.trim() !== "";
}

/** Without terminal sequences and control characters, tabs as blanks, cut to a readable length. */
function printable(line: string): string {
  const plain = stripVTControlCharacters(line)
    .replaceAll("\t", " ")
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "");
  return plain.length > longestLine ? `${plain.slice(0, longestLine)}...` : plain;
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}
