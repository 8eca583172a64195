/** What went wrong in the last transaction and still is as it was left. */
import type { Health, HealthFinding } from "../../model/health/health.ts";
import type { ReportedPair } from "../../model/health/transaction-report.ts";
import type { World } from "../../model/machine/world.ts";

/** One finding for the transaction; what has been installed since is fixed. */
export function transactionFindings({ world, lastTransaction }: Health): readonly HealthFinding[] {
  if (lastTransaction === undefined) return [];
  const bad = lastTransaction.pairs.filter(
    (pair) => (pair.result === "failed" || pair.result === "not-attempted") && !isInstalled(world, pair),
  );
  const told = [
    ...lastTransaction.problems.map(({ message }) => message),
    ...bad.map(({ message, module, version, kernel }) => message ?? `${module}/${version} failed for ${kernel}.`),
  ];
  const [first] = told;
  if (first === undefined) return [];
  const more = told.length === 1 ? "" : ` (and ${told.length - 1} more)`;
  return [
    {
      code: "last-transaction",
      severity: "warning",
      subject: "last-transaction",
      what: `The last transaction left ${told.length === 1 ? "a problem" : `${told.length} problems`}.`,
      why: `${first}${more}`,
      fix: "dkms report prints each, with what to do",
    },
  ];
}

function isInstalled({ modules }: World, { module, version, kernel, arch }: ReportedPair): boolean {
  const found = modules.find(({ id }) => id.name === module && id.version === version);
  return (found?.pairs ?? []).some(
    ({ pair, state }) => state === "installed" && pair.kernel.release === kernel && pair.kernel.arch === arch,
  );
}
