/** The judgement of `dkms doctor`: everything that is wrong or will be, with the command that fixes it. */
import { dependencyFindings } from "./dependencies.ts";
import type { Health, HealthFinding, Severity } from "../../model/health/health.ts";
import { bootFindings } from "./boot.ts";
import { compilerFindings, headersFindings } from "./kernels.ts";
import { lastCheckFindings } from "./last-check.ts";
import { leftoverFindings } from "./leftovers.ts";
import { moduleFindings } from "./modules.ts";
import { nodeFindings } from "./node.ts";
import { pairFindings } from "./pairs.ts";
import { toolFindings } from "./tools.ts";
import { transactionFindings } from "./transaction.ts";

/** All findings, the gravest first; within a severity the next boot, settings and tools before kernels, modules and pairs. */
export function diagnose(health: Health): readonly HealthFinding[] {
  const findings = [
    ...bootFindings(health),
    ...health.settingsFaults.map(settingsFault),
    ...toolFindings(health),
    ...nodeFindings(health),
    ...headersFindings(health),
    ...compilerFindings(health),
    ...moduleFindings(health),
    ...pairFindings(health),
    ...dependencyFindings(health),
    ...transactionFindings(health),
    ...lastCheckFindings(health),
    ...leftoverFindings(health),
  ];
  return findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function settingsFault(what: string): HealthFinding {
  return {
    code: "settings-fault",
    severity: "warning",
    subject: "settings",
    what,
    why: "The default holds instead of what the file says.",
    fix: "Correct the file; see all settings: dkms doctor --verbose",
  };
}
