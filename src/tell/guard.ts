/** Words for what the test before a transaction has found. */
import type { GuardFinding, GuardJudgement } from "../model/guard/guard.ts";
import { printable } from "./errors.ts";
import type { Line } from "./run/lines.ts";

/** How the transaction was asked for. */
export interface AskedTransaction {
  /** The words of pacman's command line; empty when something else than pacman asks. */
  readonly words: readonly string[];
  readonly operation: "sync" | "upgrade" | "other";
}

/** Every finding with its reasons; after a refusal, what can be done now. */
export function guardLines({ decision, findings }: GuardJudgement, asked: AskedTransaction): readonly Line[] {
  const ordered = findings.toSorted((a, b) => Number(b.effect === "refuses") - Number(a.effect === "refuses"));
  const lines = ordered.flatMap(guardFindingLines);
  if (decision === "refuse") lines.push(...wayOut(ordered, asked));
  return lines.map((text) => ({ stream: "err", text: printable(text) }));
}

/** What is wrong, with its reasons; the same words before a transaction and in one. */
export function guardFindingLines(finding: GuardFinding): string[] {
  const { error, required, effect, why } = finding;
  const mark = effect === "refuses" ? "ERROR" : "WARNING";
  return [
    `==> ${mark}: ${headline(finding)}`,
    ...(finding.kind === "unknown" && error !== undefined && error.message !== why ? [detail(error.message)] : []),
    ...(error?.facts.excerpt ?? []).map((line) => detail(`    ${line}`)),
    ...(error?.facts.log === undefined ? [] : [detail(`The log is ${error.facts.log}`)]),
    ...(required === undefined ? [] : [detail(`This machine needs it to boot: ${required}.`)]),
  ];
}

function headline({ kind, subject, why }: GuardFinding): string {
  switch (kind) {
    case "fails":
      return why;
    case "unknown":
      return `Whether ${subject} builds is not known: ${why}.`;
    case "skipped":
      return `${subject} will not be there: ${why}.`;
    case "no-headers":
      return `${subject}: ${why}.`;
    case "removed":
      return `${why}.`;
    case "untested":
      return `DKMS modules were not tested against this transaction: ${why}.`;
  }
}

function wayOut(findings: readonly GuardFinding[], { words, operation }: AskedTransaction): string[] {
  const refusing = findings.filter(({ effect }) => effect === "refuses");
  const packages = [...new Set(refusing.flatMap((finding) => finding.packages))].toSorted();
  const command = words.length === 0 ? "pacman -Syu" : ["pacman", ...words.slice(1)].join(" ");
  const lines = ["==> ERROR: This transaction is refused; nothing has been changed."];
  if (packages.length > 0 && operation === "upgrade")
    lines.push(detail(`To install everything else, leave out: ${packages.join(" ")}`));
  else if (packages.length > 0)
    lines.push(detail(`To upgrade everything else: ${command} --ignore ${packages.join(",")}`));
  if (refusing.some(({ kind }) => kind === "no-headers"))
    lines.push(detail("Or install the headers in the same transaction, with the kernel."));
  lines.push(detail(`To proceed anyway: DKMS_GUARD=warn ${command} (with sudo: sudo DKMS_GUARD=warn ...)`));
  lines.push(detail("With paru, yay or a graphical program: dkms guard --once warn, then the same again."));
  lines.push(detail("What refuses a transaction is set by Policy under [Guard] in /etc/dkms-alpm.conf."));
  return lines;
}

const detail = (text: string): string => `  -> ${text}`;
