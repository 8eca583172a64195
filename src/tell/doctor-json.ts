/** The findings of `dkms doctor` for programs; the shape is documented in docs/doctor-json.md and only grows within a format. */
import type { HealthFinding } from "../model/health/health.ts";
import type { NamedSetting } from "./setting-lines.ts";

/** One JSON document, indented, without a newline at its end. */
export function doctorJson(findings: readonly HealthFinding[], settings: readonly NamedSetting[]): string {
  const document = {
    format: 1,
    healthy: findings.length === 0,
    findings: findings.map(({ code, severity, subject, what, why, mend }) => {
      return { code, severity, subject, what, why, mend };
    }),
    settings: settings.map(({ file, name, value, from }) => ({ file, name, value, from })),
  };
  return JSON.stringify(document, undefined, 2);
}
