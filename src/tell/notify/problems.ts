/** The problems of reports and checks, each a sentence with what it is about. */
import { lossWords, type CheckAnswer, type SavedAnswer } from "../../model/check/check.ts";
import type { GuardFinding } from "../../model/guard/guard.ts";
import type { TransactionReport } from "../../model/health/transaction-report.ts";
import type { Problem } from "../../model/notify/problem.ts";
import { kernelName } from "../boot.ts";

/** What a transaction has left. */
export function reportProblems({ pairs, problems, boot }: TransactionReport): readonly Problem[] {
  const bad = pairs.filter(({ result }) => result === "failed" || result === "not-attempted");
  const kernels = (boot?.kernels ?? []).flatMap((kernel) =>
    kernel.problems
      .filter((problem) => problem.boot)
      .map(({ what }): Problem => ({
        message: `${kernelName(kernel)} is not ready to boot. ${what}`,
        severity: "error",
        kernel: kernel.kernel,
      })),
  );
  return [
    ...problems.map(({ message }): Problem => ({ message, severity: "error" })),
    ...bad.map(({ module, version, kernel, message, log }): Problem => ({
      message: message ?? `${module}/${version} was not installed for ${kernel}.`,
      severity: "error",
      ...{ module, version, kernel },
      ...(log === undefined ? {} : { log }),
    })),
    ...kernels,
    ...(boot?.nothingLeft === undefined ? [] : [{ message: boot.nothingLeft, severity: "error" } as const]),
  ];
}

/** What the test before a transaction, or a check, has found. */
export function findingProblems(findings: readonly GuardFinding[]): readonly Problem[] {
  return findings.map(({ subject, why, effect, error }) => {
    const [, module, version, kernel] = /^([^/]+)\/(\S+) for (\S+)/.exec(subject) ?? [];
    const [, release] = /^Kernel (\S+)$/.exec(subject) ?? [];
    const about = kernel ?? release;
    const log = error?.facts.log;
    return {
      message: module === undefined && subject !== "" ? `${subject}: ${sentence(why)}` : sentence(why),
      severity: effect === "refuses" ? "error" : "warning",
      ...(module === undefined || version === undefined ? {} : { module, version }),
      ...(about === undefined ? {} : { kernel: about }),
      ...(log === undefined ? {} : { log }),
    };
  });
}

/** What a check has found, and what it could not find out. */
export function answerProblems({ verdict, findings, doubts }: CheckAnswer): readonly Problem[] {
  if (verdict === "fine" || verdict === "nothing") return [];
  return [...findingProblems(findings), ...doubts.map((message): Problem => ({ message, severity: "warning" }))];
}

/** What a saved answer says of the next upgrade, in one problem. */
export function upgradeProblem(answer: SavedAnswer | undefined): readonly Problem[] {
  if (answer?.verdict !== "breaks") return [];
  const way =
    answer.ignore.length === 0 ? "" : ` To upgrade everything else: pacman -Syu --ignore ${answer.ignore.join(",")}`;
  return [{ message: `The next upgrade would break something: ${lossWords(answer)}.${way}`, severity: "warning" }];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
