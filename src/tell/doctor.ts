/** Words for what `dkms doctor` has found. */
import type { HealthFinding, Severity } from "../model/health/health.ts";
import { printable } from "./errors.ts";
import type { Line } from "./lines.ts";

const marks: Readonly<Record<Severity, string>> = { error: "ERROR", warning: "WARNING", note: "NOTE" };

/** Each finding with its reason and what mends it, and a last line that counts; a healthy machine gets one line. */
export function doctorLines(findings: readonly HealthFinding[]): readonly Line[] {
  if (findings.length === 0) return [out("All is well.")];
  return [...findings.flatMap(findingLines), out(countLine(findings))];
}

function findingLines({ severity, what, why, mend }: HealthFinding): readonly Line[] {
  return [
    out(`==> ${marks[severity]}: ${printable(what)}`),
    out(`  -> ${printable(why)}`),
    out(`  -> Mend: ${printable(mend)}`),
  ];
}

/** `2 errors, 1 note` */
function countLine(findings: readonly HealthFinding[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return `${counts.join(", ")}`;
}

const out = (text: string): Line => ({ stream: "out", text });
