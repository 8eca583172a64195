/** The answer of `dkms check`: what an upgrade would mean for modules and for the next boot. */
import type { ReportedBoot } from "../boot/reported.ts";
import { list } from "../boot/words.ts";
import type { GuardFinding } from "../guard/guard.ts";

/** What was checked: the upgrade of everything, of some packages, the machine as it is, or a module that is not installed. */
export type CheckSubject = "upgrade" | "packages" | "machine" | "module";

/** `fine`: nothing is lost. `breaks`: something is. `nothing`: there is nothing to check. `unknown`: that could not be found out. */
export type CheckVerdict = "fine" | "breaks" | "nothing" | "unknown";

/** The exit status of each, as checkupdates(8) has them for the middle two. */
export const checkStatus: Readonly<Record<CheckVerdict, 0 | 1 | 2 | 3>> = {
  fine: 0,
  breaks: 1,
  nothing: 2,
  unknown: 3,
};

/** What became of a module for a kernel. */
export interface CheckedModule {
  readonly module: string;
  readonly version: string;
  readonly result: "builds" | "fails" | "skipped" | "unknown";
  readonly message?: string;
  /** The first lines of the compiler that explain a failure. */
  readonly excerpt?: readonly string[];
  readonly log?: string;
}

/** A kernel for which something was tested, or could not be. */
export interface CheckedKernel {
  readonly kernel: string;
  readonly arch: string;
  readonly pkgbase?: string;
  /** Whether it is not installed yet. */
  readonly incoming: boolean;
  /** Whether its headers will be there. */
  readonly headers: boolean;
  readonly modules: readonly CheckedModule[];
}

/** A version of a package that a repository has and the upgrade would not install. */
export interface NewerPackage {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** The whole answer. */
export interface CheckAnswer {
  readonly format: 1;
  /** `2026-11-29T09:30:00Z` */
  readonly time: string;
  readonly subject: CheckSubject;
  readonly verdict: CheckVerdict;
  /** Whether the test before the transaction would refuse it. */
  readonly refused: boolean;
  /** Incoming packages that concern modules. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly installed?: string }[];
  readonly kernels: readonly CheckedKernel[];
  /** What is not as it should be, as the test before the transaction says it. */
  readonly findings: readonly GuardFinding[];
  /** The next boot after the upgrade, as far as that can be told now. */
  readonly boot?: ReportedBoot;
  /** Names for `--ignore` with which nothing is lost. */
  readonly ignore: readonly string[];
  readonly newer: readonly NewerPackage[];
  /** What could not be found out, a sentence each. */
  readonly doubts: readonly string[];
}

/** What is read of a saved answer, whose shape is that of `dkms check --json`. */
export type SavedAnswer = Pick<CheckAnswer, "time" | "verdict" | "packages" | "kernels" | "ignore"> & {
  readonly findings: readonly Pick<GuardFinding, "kind" | "subject" | "why" | "effect">[];
};

/** Reads an answer from JSON text; undefined for what this version does not understand. */
export function parseAnswer(text: string): SavedAnswer | undefined {
  try {
    const value = JSON.parse(text) as SavedAnswer & { readonly format: unknown };
    const lists = [value.packages, value.kernels, value.findings, value.ignore];
    return value.format === 1 && lists.every(Array.isArray) && value.verdict in checkStatus ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What an upgrade would lose, in words without a full stop; empty when nothing is named. */
export function lossWords({ kernels, findings }: Pick<SavedAnswer, "kernels" | "findings">): string {
  const failing = kernels.flatMap(({ kernel, incoming, modules }) =>
    modules.filter(({ result }) => result === "fails").map((one) => ({ ...one, kernel, incoming })),
  );
  const lost = [
    ...failing.filter(({ incoming }) => incoming).map(({ module, kernel }) => `${module} for ${kernel}`),
    ...kernels.filter(({ headers, incoming }) => !headers && incoming).map(({ kernel }) => `all modules of ${kernel}`),
    ...findings.filter(({ kind }) => kind === "removed" || kind === "skipped").map(({ subject }) => subject),
  ];
  // For a kernel that is there already, the version that is installed stays.
  const stuck = kernels.filter(({ headers, incoming }) => !headers && !incoming).map(({ kernel }) => kernel);
  const unbuilt = failing
    .filter(({ incoming, kernel }) => !incoming && !stuck.includes(kernel))
    .map(({ module, version, kernel }) => `${module}/${version} does not build for ${kernel}`);
  return [
    ...(lost.length === 0 ? [] : [`it loses ${list(lost)}`]),
    ...unbuilt,
    ...stuck.map((kernel) => `no module can be built for ${kernel}, which has no headers then`),
  ].join("; ");
}
