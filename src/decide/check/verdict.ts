/** Judges what a check has found. Pure. */
import type { Arrivals } from "../../model/guard/arrivals.ts";
import type { CheckAnswer, CheckedKernel, CheckedModule, CheckVerdict } from "../../model/check/check.ts";
import type { GuardFinding, PairVerdict, Verdict } from "../../model/guard/guard.ts";
import { pairKey, pairWords, type Pair } from "../../model/pair.ts";
import {
  judgeTransaction,
  packagesOf,
  settledVerdicts,
  type GuardEvidence,
  type GuardPolicies,
} from "../guard/judgement.ts";
import { judgeRemoval, type RemovalEvidence } from "../guard/removal.ts";
import { arrivalsOf } from "../guard/arrivals.ts";
import { Losses, withVerdicts } from "../guard/losses.ts";
import { stuckWithModules } from "../guard/stuck.ts";
import { requiredForBoot } from "../boot/required.ts";

/** Everything that is known of an upgrade. */
export interface CheckEvidence extends GuardEvidence {
  readonly removal: RemovalEvidence["removal"];
  /** The machine as it is. */
  readonly now: Pick<RemovalEvidence, "world" | "observed">;
  /** The architecture of this machine. */
  readonly arch: string;
  /** What could not be found out before anything was tested. */
  readonly doubts: readonly string[];
}

/** The judgement. */
export type CheckJudgement = Pick<CheckAnswer, "verdict" | "refused" | "findings" | "kernels" | "ignore">;

/** Judges as the hooks of the transaction will, and whether anything is lost, which hooks may let pass. */
export function judgeCheck(given: CheckEvidence, policies: GuardPolicies): CheckJudgement {
  const evidence = inOrder(given);
  const settled = { ...evidence.tested, verdicts: settledVerdicts(evidence.tested, evidence.incoming) };
  const arrivals = arrivalsOf(settled, evidence.incoming);
  const build = judgeTransaction(evidence, policies);
  const found = (subject: string): boolean =>
    build.findings.some((finding) => finding.subject.startsWith(`${subject}/`));
  // A kernel that would be refused for a module is not said to take it away as well.
  const removal = removalFindings(evidence, arrivals, policies.policy).filter(({ subject }) => !found(subject));
  const losing = [
    ...judgeTransaction(evidence, { policy: "all", unknown: "warn" }).findings,
    ...removalFindings(evidence, arrivals, "required"),
  ].filter(({ effect }) => effect === "refuses");
  const excluded = newlyExcluded(evidence, settled.verdicts).filter(
    ({ subject }) => !build.findings.some((finding) => finding.subject === subject),
  );
  const findings = [...build.findings, ...excluded, ...removal];
  const refused = findings.some(({ effect }) => effect === "refuses");
  const isUnknown = findings.some(({ kind }) => kind === "unknown" || kind === "untested");
  const stuck = stuckKernels(evidence);
  const breaks = losing.length + excluded.length > 0 || refused || stuck.size > 0;
  return {
    verdict: verdictOf(evidence, { breaks, isUnknown }),
    refused,
    findings,
    kernels: checkedKernels(evidence, stuck),
    ignore: [
      ...new Set(
        [
          ...losing,
          ...excluded,
          ...findings.filter(({ effect, subject }) => effect === "refuses" || stuck.has(subject)),
        ].flatMap(({ packages }) => packages),
      ),
    ].toSorted(),
  };
}

/** Modules that are installed now and that their confs leave out of the new kernel: hooks let that pass where nobody needs them to boot. */
function newlyExcluded(evidence: CheckEvidence, verdicts: readonly PairVerdict[]): readonly GuardFinding[] {
  const { machine } = evidence.tested;
  if (machine === undefined) return [];
  const losses = new Losses(
    { before: machine.before, after: withVerdicts(machine.after, verdicts) },
    requiredForBoot(evidence.needs, machine.modules),
  );
  return verdicts.flatMap(({ pair, verdict }): GuardFinding[] => {
    const { name } = pair.module;
    const isLost = losses.lostFor(pair.kernel.release).includes(name) && !isRemoved(evidence, name);
    if (verdict.kind !== "skipped" || !isLost) return [];
    const subject = pairWords(pair);
    return [{ kind: "skipped", subject, why: verdict.why, effect: "warns", packages: packagesOf(evidence, pair) }];
  });
}

/** The test knows nothing of removals: what is replaced by another package builds, and is not installed all the same. */
function isRemoved({ tested, removal }: Pick<CheckEvidence, "tested" | "removal">, name: string): boolean {
  const sources = tested.machine?.modules.filter((module) => module.name === name) ?? [];
  return sources.length > 0 && sources.every(({ directory }) => removal.directories.has(directory));
}

/** Subjects of the kernels that stay with modules which cannot be built again. */
function stuckKernels({ tested, needs }: CheckEvidence): ReadonlySet<string> {
  const { machine } = tested;
  if (machine === undefined) return new Set();
  const losses = new Losses(machine, requiredForBoot(needs, machine.modules));
  return new Set(stuckWithModules(machine.stuck, losses).map(({ kernel }) => `Kernel ${kernel.release}`));
}

/** Tests end in any order, and the same answer has the same words. */
function inOrder(evidence: CheckEvidence): CheckEvidence {
  const { tested } = evidence;
  const keyed = tested.verdicts.map((verdict) => ({ key: pairKey(verdict.pair), verdict }));
  const verdicts = keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ verdict }) => verdict);
  return { ...evidence, tested: { ...tested, verdicts } };
}

/** The judgement of a module that is not installed: nothing can be lost, it builds for every kernel or not. */
export function judgeModule(all: CheckJudgement, doubts: readonly string[]): CheckJudgement {
  // A kernel that stays without headers says nothing of the module.
  const kernels = all.kernels.filter(({ headers, incoming }) => headers || incoming);
  const judged = { ...all, kernels };
  const results = judged.kernels.flatMap(({ modules }) => modules.map(({ result }) => result));
  const isOpen = results.includes("unknown") || doubts.length > 0;
  const verdict = results.includes("fails") ? "breaks" : isOpen ? "unknown" : results.length === 0 ? "nothing" : "fine";
  return { ...judged, verdict, refused: false, ignore: [] };
}

function verdictOf(
  { doubts, tested, incoming }: CheckEvidence,
  { breaks, isUnknown }: { readonly breaks: boolean; readonly isUnknown: boolean },
): CheckVerdict {
  if (doubts.length > 0) return "unknown";
  if (breaks) return "breaks";
  if (isUnknown) return "unknown";
  // Headers of a kernel that is not there, for one.
  const isEmpty = tested.verdicts.length === 0 && incoming.kernels.size + incoming.sourceDirectories.size === 0;
  return isEmpty ? "nothing" : "fine";
}

function removalFindings(
  { removal, tested, needs, now: { world, observed } }: CheckEvidence,
  arrivals: Arrivals,
  policy: GuardPolicies["policy"],
): readonly GuardFinding[] {
  const { machine } = tested;
  // Without a test nobody knows what takes the place of what is removed.
  if (machine === undefined || !arrivals.isKnown) return [];
  const required = requiredForBoot(needs, machine.modules);
  return judgeRemoval({ removal, world, observed, arrivals, required }, policy).findings;
}

/** The kernels that were tested for, incoming ones first, and those for which nothing can be built. */
function checkedKernels(evidence: CheckEvidence, stuckSubjects: ReadonlySet<string>): readonly CheckedKernel[] {
  const { tested, incoming, arch } = evidence;
  const { machine } = tested;
  const stuck = new Set<string>(machine?.stuck.map(({ kernel }) => kernel.release));
  const found = new Map<string, CheckedKernel>();
  const add = (kernel: Pick<CheckedKernel, "kernel" | "arch">, modules: readonly CheckedModule[]): void => {
    const key = `${kernel.kernel}/${kernel.arch}`;
    const pkgbase =
      incoming.kernelPackages.get(kernel.kernel) ??
      machine?.after.find((facts) => facts.kernel.release === kernel.kernel)?.pkgbase ??
      machine?.before.find((facts) => facts.kernel.release === kernel.kernel)?.pkgbase;
    const isThere = machine?.before.some((facts) => facts.kernel.release === kernel.kernel) === true;
    found.set(key, {
      ...kernel,
      ...(pkgbase === undefined ? {} : { pkgbase }),
      incoming: incoming.kernels.has(kernel.kernel) && !isThere,
      headers: machine?.withoutHeaders.has(kernel.kernel) !== true && !stuck.has(kernel.kernel),
      modules: [...(found.get(key)?.modules ?? []), ...modules],
    });
  };
  for (const verdict of settledVerdicts(tested, incoming)) {
    const { kernel, module } = verdict.pair;
    if (isRemoved(evidence, module.name)) continue;
    add({ kernel: kernel.release, arch: kernel.arch }, [checkedModule(verdict)]);
  }
  const known = new Set([...found.values()].map(({ kernel }) => kernel));
  for (const release of machine?.withoutHeaders ?? []) {
    if (!known.has(release)) add({ kernel: release, arch }, []);
  }
  for (const { kernel, notBuilt } of machine?.stuck ?? []) {
    const modules = notBuilt.filter(({ module }) => !isRemoved(evidence, module.name)).map(withoutHeaders);
    if (stuckSubjects.has(`Kernel ${kernel.release}`) || modules.length > 0)
      add({ kernel: kernel.release, arch: kernel.arch }, modules);
  }
  return [...found.values()].toSorted((a, b) => Number(b.incoming) - Number(a.incoming));
}

function withoutHeaders({ module, kernel }: Pair): CheckedModule {
  const message = `There will be no headers of kernel ${kernel.release}.`;
  return { module: module.name, version: module.version, result: "fails", message };
}

function checkedModule({ pair, verdict }: PairVerdict): CheckedModule {
  const { name: module, version } = pair.module;
  const error = "error" in verdict ? verdict.error : undefined;
  const message = messageOf(verdict);
  return {
    module,
    version,
    result: verdict.kind,
    ...(message === undefined ? {} : { message }),
    ...(error?.facts.excerpt === undefined ? {} : { excerpt: error.facts.excerpt }),
    ...(error?.facts.log === undefined ? {} : { log: error.facts.log }),
  };
}

function messageOf(verdict: Verdict): string | undefined {
  if (verdict.kind === "builds") return undefined;
  return verdict.kind === "fails" ? verdict.error.message : verdict.why;
}
