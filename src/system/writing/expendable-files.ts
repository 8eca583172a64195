/** Files whose loss costs time and nothing else: they appear whole or not at all, but nobody waits until the disk has them. */
import { constants, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { copyContent } from "./copy-content.ts";
import { failed, hasCode } from "../files/errors.ts";
import { requireFile } from "./copies.ts";
import { makeDirectory, discard } from "./file-changes.ts";
import { placeOf, targetPlaceOf } from "../files/other-machine.ts";

/** Writes a file by rename. After a crash of the machine it may be missing, empty or the old one: its reader must be able to tell. */
export function writeExpendable(path: string, content: string): void {
  appear(path, "write", (temporary) => writeFileSync(placeOf(temporary), content));
}

/** Copies a file in the same way; copies share their blocks where the file system can. */
export function copyExpendable(from: string, to: string): void {
  appear(to, "copy", (temporary) => {
    requireFile(from);
    copyContent(targetPlaceOf(from), placeOf(temporary), constants.COPYFILE_FICLONE);
  });
}

let count = 0;

function appear(path: string, verb: string, make: (temporary: string) => void): void {
  count += 1;
  const temporary = join(dirname(path), `.${process.pid}-${count}.dkms-new`);
  const write = (): void => {
    make(temporary);
    renameSync(placeOf(temporary), placeOf(path));
  };
  try {
    makeDirectory(dirname(path));
    try {
      write();
    } catch (error) {
      // A test before a transaction, which takes no lock, may clear it away as the leftover of a killed run: then once more.
      if (!hasCode(error, "ENOENT")) throw error;
      write();
    }
  } catch (error) {
    discard(temporary);
    throw failed(verb, path, error);
  }
}
