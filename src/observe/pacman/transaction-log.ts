/** Reads pacman's log: which packages a transaction has changed. */

/** What a transaction has done to a package. */
export interface ChangedPackage {
  readonly name: string;
  /** `present`: it was installed, upgraded, downgraded or installed again. */
  readonly result: "present" | "removed";
}

/** What pacman notes when it begins to change files. */
export const transactionStart = "[ALPM] transaction started";

/** The packages that the last transaction of a log has changed; none when the log does not tell. A transaction is noted in English, whatever the locale. */
export function lastTransaction(log: string): readonly ChangedPackage[] {
  const at = log.lastIndexOf(transactionStart);
  if (at < 0) return [];
  return [
    ...log.slice(at).matchAll(/^\[[^\]\n]+\] \[ALPM\] (installed|reinstalled|upgraded|downgraded|removed) (\S+) \(/gm),
  ].map(([, verb, name = ""]) => ({ name, result: verb === "removed" ? "removed" : "present" }));
}
