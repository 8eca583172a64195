/** Removes directory trees that the usual way cannot: paths longer than Linux takes, and names that are no text. */
import { lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";

const slash = Buffer.from("/");

/**
 * Removes a directory, links not followed. What is in its directories comes up into it, under short names of its own, until it has no directory that
 * holds another: no path ever grows longer than that of its own entries. Throws the system's error.
 */
export function removeStubborn(path: string | Buffer): void {
  const top = typeof path === "string" ? Buffer.from(path) : path;
  let count = 0;
  for (;;) {
    const names = readdirSync(top, { encoding: "buffer" });
    if (names.length === 0) return rmdirSync(top);
    for (const name of names) {
      const entry = Buffer.concat([top, slash, name]);
      if (!lstatSync(entry).isDirectory()) {
        unlinkSync(entry);
        continue;
      }
      for (const inner of readdirSync(entry, { encoding: "buffer" })) {
        const innerEntry = Buffer.concat([entry, slash, inner]);
        if (!lstatSync(innerEntry).isDirectory()) unlinkSync(innerEntry);
        else count = moveUp(innerEntry, top, count);
      }
      rmdirSync(entry);
    }
  }
}

/** Gives a directory the next name that nobody has; returns the number in it. */
function moveUp(from: Buffer, top: Buffer, last: number): number {
  for (let number = last + 1; ; number += 1) {
    const to = Buffer.concat([top, slash, Buffer.from(`.up-${number}`)]);
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) continue;
    renameSync(from, to);
    return number;
  }
}
