/** Counts what came of faults. */
import type { ReliabilityRow } from "../../reliability-row.ts";
import type { Verdict } from "./play.ts";

export class Tally {
  readonly #rows = new Map<string, ReliabilityRow>();
  readonly #losses: string[] = [];

  /** A point that a run had passed by before it came is nothing that was tried. */
  add(what: string, fault: string, verdict: Verdict): void {
    if (verdict.kind === "missed") return;
    const key = JSON.stringify([what, fault]);
    const { tried, survived } = this.#rows.get(key) ?? { tried: 0, survived: 0 };
    const gain = verdict.kind === "survived" ? 1 : 0;
    this.#rows.set(key, { what, fault, tried: tried + 1, survived: survived + gain });
    if (verdict.kind !== "lost") return;
    const loss = [`${what}, ${fault}`, ...verdict.why].join("\n    ");
    this.#losses.push(loss);
    // A long run that is ended before its time has told what it has found.
    console.log(`LOST: ${loss}`);
  }

  /** Adds what another one has counted. */
  addAll(other: Tally): void {
    for (const row of other.rows()) {
      const key = JSON.stringify([row.what, row.fault]);
      const { tried, survived } = this.#rows.get(key) ?? { tried: 0, survived: 0 };
      this.#rows.set(key, { ...row, tried: tried + row.tried, survived: survived + row.survived });
    }
    this.#losses.push(...other.losses());
  }

  rows(): readonly ReliabilityRow[] {
    return [...this.#rows.values()].toSorted((left, right) =>
      left.what < right.what ? -1 : left.what > right.what ? 1 : 0,
    );
  }

  /** What was lost, in words. */
  losses(): readonly string[] {
    return this.#losses;
  }
}
