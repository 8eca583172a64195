/** What the last `dkms check` has found of the next upgrade. */
import { lossWords } from "../../model/check/check.ts";
import type { Health, HealthFinding } from "../../model/health/health.ts";

/** One finding, while that upgrade is still to come. */
export function lastCheckFindings({ lastCheck }: Health): readonly HealthFinding[] {
  if (lastCheck?.verdict !== "breaks") return [];
  return [
    {
      code: "last-check",
      severity: "warning",
      subject: "last-check",
      what: `The next upgrade would break something: ${lossWords(lastCheck)}.`,
      why: `dkms check has found that on ${lastCheck.time}.`,
      fix: lastCheck.ignore.length === 0 ? "dkms check" : `pacman -Syu --ignore ${lastCheck.ignore.join(",")}`,
    },
  ];
}
