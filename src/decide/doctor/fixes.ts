/** Commands among what fixes findings: those that can be run as they stand. Pure. */
import type { HealthFinding } from "../../model/health/health.ts";

/** Commands that fix something, one after the other. */
export interface Fix {
  readonly finding: HealthFinding;
  readonly commands: readonly (readonly [string, ...string[]])[];
}

/** What `dkms doctor --fix` may offer to run; nothing else is ever a command. */
const known: Readonly<Record<string, readonly string[]>> = {
  dkms: ["add", "build", "install", "uninstall", "prune"],
  pacman: ["-S", "-Syu"],
};

/** The fixes, the same command once, in the order of the findings. */
export function fixesOf(findings: readonly HealthFinding[]): readonly Fix[] {
  const seen = new Set<string>();
  return findings.flatMap((finding): Fix[] => {
    const commands = commandsIn(finding.fix);
    const text = commands.map((words) => words.join(" ")).join(" && ");
    if (commands.length === 0 || seen.has(text)) return [];
    seen.add(text);
    return [{ finding, commands }];
  });
}

/** The commands of a text that is nothing but commands, or a phrase, a colon and commands. */
export function commandsIn(text: string): Fix["commands"] {
  const commands: [string, ...string[]][] = [];
  for (const part of text.replace(/^[A-Z][\w ]*: (?=dkms |pacman )/, "").split(" && ")) {
    const [program = "", ...words] = part.split(" ");
    const isPlain = words.every((word) => /^[\w@.+:/=-]+$/.test(word));
    if (!isPlain || known[program]?.includes(words[0] ?? "") !== true) return [];
    commands.push([program, ...words]);
  }
  return commands;
}
