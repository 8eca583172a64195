/** Words for what `dkms doctor` has found. */
import type { HealthFinding, Severity } from "../../model/health/health.ts";
import type { ReportedBoot } from "../../model/boot/reported.ts";
import { kernelFacts } from "../boot.ts";
import { printable } from "../errors.ts";
import type { Line } from "../run/lines.ts";

const marks: Readonly<Record<Severity, string>> = { error: "ERROR", warning: "WARNING", note: "NOTE" };

/** What the next boot will find, then each finding with its reason and what fixes it, and a last line that counts or says that there is none. */
export function doctorLines(findings: readonly HealthFinding[], boot?: ReportedBoot): readonly Line[] {
  const facts = (boot?.kernels ?? []).map((kernel) => kernelFacts({ ...kernel, unchecked: [] }));
  return [
    ...facts.filter((text) => text !== "").map((text) => out(printable(`${text}.`))),
    ...findings.flatMap(findingLines),
    out(findings.length === 0 ? "No problems found." : countLine(findings)),
  ];
}

function findingLines({ severity, what, why, fix }: HealthFinding): readonly Line[] {
  return [
    out(`==> ${marks[severity]}: ${printable(what)}`),
    out(`  -> ${printable(why)}`),
    out(`  -> Fix: ${printable(fix)}`),
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
