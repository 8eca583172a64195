/** Colours in hooks: where the pacman that runs the transaction shows them. */
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { allowColours } from "../../system/colours.ts";
import { isTransactionOnTerminal } from "../../system/process/ancestors.ts";
import { pacmanShowsColours } from "../../decide/hook/colours.ts";

/** Lines are coloured from now on if pacman's own are: its terminal, its --color and `Color` in pacman.conf decide. */
export async function useTransactionColours(): Promise<void> {
  const pacman = findCallingPacman();
  if (pacman === undefined) return;
  const isTerminal = isTransactionOnTerminal();
  const asked = pacmanShowsColours(pacman.words, { isTerminal });
  if (asked ?? (isTerminal && (await readPacmanSettings(pacman.command.config)).isColoured)) allowColours();
}
