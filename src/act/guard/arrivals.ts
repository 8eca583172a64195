/** Passes on what a transaction brings, from the hook that tests it to the hook that judges what it removes. */
import { noArrivals, type Arrivals } from "../../model/guard/arrivals.ts";
import { guardArrivalsFile, type Layout } from "../../model/machine/layout.ts";
import { writeAtomically } from "../../system/writing/file-changes.ts";
import { readText } from "../../system/files/content.ts";
import { runId } from "../../observe/pacman/run-id.ts";
import { decode, encode } from "./wire.ts";

/** Notes what arrives in this transaction; before the test has ended, that it is not known. */
export function noteArrivals(layout: Layout, arrivals: Arrivals = { ...noArrivals, isKnown: false }): void {
  writeAtomically(guardArrivalsFile(layout), encode({ transaction: runId(), arrivals }));
}

/** What arrives in this transaction: nothing, if the hook that would test it had nothing to test. */
export function readArrivals(layout: Layout): Arrivals {
  const text = readText(guardArrivalsFile(layout));
  if (text === undefined) return noArrivals;
  try {
    const noted = decode(text) as { readonly transaction: string; readonly arrivals: Arrivals };
    return noted.transaction === runId() ? noted.arrivals : noArrivals;
  } catch {
    return { ...noArrivals, isKnown: false };
  }
}
