/** The findings of `dkms doctor` for programs; the shape is documented in docs/doctor-json.md and only grows within a format. */
import type { HealthFinding } from "../../model/health/health.ts";
import type { ReportedBoot } from "../../model/boot/reported.ts";
import type { NamedSetting } from "../setting-lines.ts";

/** One JSON document, indented, without a newline at its end. */
export function doctorJson(examined: {
  readonly findings: readonly HealthFinding[];
  /** Undefined for trees other than this machine's own. */
  readonly boot: ReportedBoot | undefined;
  readonly settings: readonly NamedSetting[];
}): string {
  const { findings, boot, settings } = examined;
  const document = {
    format: 1,
    healthy: findings.every(({ severity }) => severity === "note"),
    boot: boot ?? null,
    findings: findings.map(({ code, severity, subject, what, why, fix }) => {
      return { code, severity, subject, what, why, fix };
    }),
    settings: settings.map(({ file, name, value, from }) => ({ file, name, value, from })),
  };
  return JSON.stringify(document, undefined, 2);
}
