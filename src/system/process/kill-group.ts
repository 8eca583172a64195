/** Ends a program with all that it has started. */

/** Kills a process group; nothing happens when there is none, or when it has ended by itself. */
export function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
