/** What pacman's command line says of colours. Pure. */

/** Whether pacman shows colours; undefined when only pacman.conf tells. See pacman(8), --color. */
export function pacmanShowsColours(
  words: readonly string[],
  { isTerminal }: { readonly isTerminal: boolean },
): boolean | undefined {
  const at = words.findLastIndex((word) => word === "--color" || word.startsWith("--color="));
  const value = at < 0 ? undefined : (words[at]?.split("=")[1] ?? words[at + 1]);
  if (value === "always") return true;
  if (value === "never") return false;
  return value === "auto" ? isTerminal : undefined;
}
