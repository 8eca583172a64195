/** Readers that may fail. */
import { DkmsError } from "../../model/errors.ts";

/** What a reader gives, or undefined where the system refuses: a file of another user, a process that has ended, a full disk. */
export function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DkmsError) return undefined;
    throw error;
  }
}
