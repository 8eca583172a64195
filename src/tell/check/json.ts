/** The answer of `dkms check` for programs; the shape is documented in docs/check-json.md and only grows within a format. */
import { checkStatus, type CheckAnswer } from "../../model/check/check.ts";

/** One JSON document, indented, without a newline at its end. */
export function checkJson(answer: CheckAnswer): string {
  const { format, time, subject, verdict, refused, packages, kernels, findings, boot, ignore, newer, doubts } = answer;
  const document = {
    ...{ format, time, subject, verdict, status: checkStatus[verdict], refused, packages, kernels },
    findings: findings.map(({ kind, subject: about, why, required, effect, packages: names, error }) => ({
      ...{ kind, subject: about, why, required: required ?? null, effect, packages: names },
      excerpt: error?.facts.excerpt ?? [],
      log: error?.facts.log ?? null,
    })),
    boot: boot ?? null,
    ...{ ignore, newer, doubts },
  };
  return JSON.stringify(document, undefined, 2);
}
