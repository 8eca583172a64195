/** Finds the pacman that runs this hook, by way of our ancestors in /proc, and what its command line means. */
import { basename } from "node:path";
import { readText } from "../../../system/files/content.ts";
import { listDirectory, readLink, targetKind } from "../../../system/files/files.ts";
import { parsePacmanCommand, type PacmanCommand } from "./pacman-command.ts";
import { quietly } from "../../../system/files/quietly.ts";

/** The pacman whose hook we are. */
export interface CallingPacman {
  readonly command: PacmanCommand;
  /** The command line, for messages. */
  readonly words: readonly string[];
  /** Directories that a relative name may mean: pacman itself is in `/` while hooks run, but holds the one it came from open. */
  readonly directories: readonly string[];
}

/** How many generations back pacman may be: a shell or two stand between. */
const generations = 8;

/** The calling pacman; undefined when something else runs the hook (pamac, a person) or /proc is not there. */
export function findCallingPacman(proc = "/proc"): CallingPacman | undefined {
  let pid = parentOf(`${proc}/self`);
  for (let generation = 0; generation < generations && pid > 1; generation += 1) {
    const home = `${proc}/${pid}`;
    const words = (quietly(() => readText(`${home}/cmdline`)) ?? "").split("\0").slice(0, -1);
    const program = quietly(() => readLink(`${home}/exe`)) ?? words[0] ?? "";
    if (basename(program.replace(/ \(deleted\)$/, "")) === "pacman" && words.length > 0) {
      return { command: parsePacmanCommand(words), words, directories: openDirectories(home) };
    }
    pid = parentOf(home);
  }
  return undefined;
}

/** Open directories as paths through /proc, which hold whatever has become of the names. */
function openDirectories(home: string): readonly string[] {
  const descriptors = quietly(() => listDirectory(`${home}/fd`)) ?? [];
  return [...descriptors.map((name) => `${home}/fd/${name}`), `${home}/cwd`].filter(
    (path) => quietly(() => targetKind(path)) === "directory",
  );
}

function parentOf(home: string): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(quietly(() => readText(`${home}/status`)) ?? "")?.[1] ?? 0);
}
