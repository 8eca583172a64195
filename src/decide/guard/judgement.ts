/** Judges what a test before a transaction has found: whether the transaction may go on, and what there is to say. Pure. */
import type {
  BootNeeds,
  GuardFinding,
  GuardJudgement,
  Incoming,
  PairVerdict,
  Tested,
  Verdict,
} from "../../model/guard/guard.ts";
import { pairKey, pairWords, type Pair } from "../../model/pair.ts";
import { requiredForBoot } from "../boot/required.ts";
import { Losses, withVerdicts } from "./losses.ts";
import { stuckFindings } from "./stuck.ts";

/** What was asked for. */
export interface GuardPolicies {
  readonly policy: "required" | "all" | "warn";
  readonly unknown: "warn" | "refuse";
}

/** Everything that was found out. */
export interface GuardEvidence {
  readonly incoming: Incoming;
  readonly tested: Tested;
  readonly needs: BootNeeds;
}

/** Judges. Only what is found to be lost refuses; what could not be tested does so only where the administrator wants that. */
export function judgeTransaction(evidence: GuardEvidence, policies: GuardPolicies): GuardJudgement {
  const { incoming, tested, needs } = evidence;
  const settled = settledVerdicts(tested, incoming);
  const { modules = [], before = [], after = [] } = tested.machine ?? {};
  const needed = requiredForBoot(needs, modules);
  const required = new Map(needed.map(({ name, because }) => [name, because]));
  const losses = new Losses({ before, after: withVerdicts(after, settled) }, needed);
  const matters = (name: string): boolean =>
    policies.policy === "all" || (policies.policy === "required" && required.has(name));
  const mayLose = policies.policy === "required" && needed.some(({ name }) => losses.kernelsWith(name).length > 0);
  const findings: GuardFinding[] = [];
  for (const { pair, verdict } of settled) {
    const { name } = pair.module;
    const { release } = pair.kernel;
    if (verdict.kind === "builds") continue;
    const isLost =
      verdict.kind === "unknown"
        ? policies.unknown === "refuse" && losses.presentFor(release).has(name)
        : losses.lostFor(release).includes(name);
    const reason = required.get(name);
    // Left out by BUILD_EXCLUSIVE, a module is as lost as one that does not build.
    if (verdict.kind === "skipped" && (reason === undefined || !isLost)) continue;
    findings.push({
      kind: verdict.kind,
      subject: pairWords(pair),
      why: verdict.kind === "fails" ? verdict.error.message : verdict.why,
      ...("error" in verdict && verdict.error !== undefined ? { error: verdict.error } : {}),
      ...(reason === undefined ? {} : { required: reason }),
      effect: isLost && matters(name) ? "refuses" : "warns",
      packages: packagesOf(evidence, pair),
    });
  }
  findings.push(...withoutHeaders(evidence, losses, required, matters));
  findings.push(...stuckFindings(tested.machine, incoming, losses));
  findings.push(
    ...untested(
      evidence,
      policies.unknown === "refuse" && (policies.policy === "all" || mayLose) ? "refuses" : "warns",
    ),
  );
  const isRefused = findings.some(({ effect }) => effect === "refuses");
  return { decision: isRefused ? "refuse" : "go-on", findings };
}

/** The verdicts, those that prove nothing as unknown. */
export function settledVerdicts({ verdicts }: Tested, incoming: Incoming): readonly PairVerdict[] {
  return verdicts.map((one) => ({ pair: one.pair, verdict: doubted(one, incoming) }));
}

/**
 * A failure proves nothing when the test had the source that the transaction replaces, or the programs that it replaces, or when it is about the test
 * itself.
 */
function doubted({ pair, verdict }: PairVerdict, { toolchain, missing }: Incoming): Verdict {
  const source = missing.find((path) => isSourceOf(pair.module.name, path));
  if (source !== undefined && (verdict.kind === "fails" || verdict.kind === "skipped")) {
    const why = `the package that brings ${source} was not found`;
    return { kind: "unknown", why, ...(verdict.kind === "fails" ? { error: verdict.error } : {}) };
  }
  if (verdict.kind !== "fails") return verdict;
  const { error } = verdict;
  const text = [error.message, ...(error.facts.excerpt ?? [])].join("\n");
  if (/No space left on device|Disk quota exceeded/.test(text))
    return { kind: "unknown", why: "there was not enough space for the test", error };
  // Only headers and module packages are laid over: what a module package depends on may come with it.
  if (/command not found|: not found$/m.test(text))
    return { kind: "unknown", why: "a program was missing, which this transaction may bring", error };
  if (["file-failed", "tool-missing", "interrupted", "locked"].includes(error.code))
    return { kind: "unknown", why: error.message, error };
  if (toolchain.length > 0) {
    const why = `it failed with the programs of now, and this transaction brings other ones: ${toolchain.join(", ")}`;
    return { kind: "unknown", why, error };
  }
  return verdict;
}

/** Whether a path of a hook's targets is the conf of a module; source directories are named `NAME-VERSION`. */
function isSourceOf(name: string, path: string): boolean {
  return path.startsWith(`usr/src/${name}-`) || path === `usr/src/${name}/dkms.conf`;
}

/** Kernels for which nothing can be built: each module that their package has now is lost with them. */
function withoutHeaders(
  { tested, incoming }: GuardEvidence,
  losses: Losses,
  required: ReadonlyMap<string, string>,
  matters: (name: string) => boolean,
): readonly GuardFinding[] {
  return [...(tested.machine?.withoutHeaders ?? [])].flatMap((release) => {
    const pkgbase = incoming.kernelPackages.get(release);
    const modules = losses.lostFor(release);
    if (modules.length === 0) return [];
    const lost = modules.filter(matters);
    const reason = modules.flatMap((name) => required.get(name) ?? [])[0];
    return [
      {
        kind: "no-headers" as const,
        subject: `Kernel ${release}`,
        why: `its headers neither come with it nor are they installed, so it will not have ${(lost.length > 0 ? lost : modules).join(", ")}`,
        ...(reason === undefined ? {} : { required: reason }),
        effect: lost.length > 0 ? ("refuses" as const) : ("warns" as const),
        packages: pkgbase === undefined ? [] : [pkgbase],
      },
    ];
  });
}

/** What could not be looked at in the first place. */
function untested({ incoming, tested }: GuardEvidence, effect: GuardFinding["effect"]): readonly GuardFinding[] {
  const finding = (why: string): GuardFinding => ({ kind: "untested", subject: "", why, effect, packages: [] });
  return [
    ...incoming.missing.map((path) => finding(`the package that brings ${path} was not found`)),
    ...(tested.obstacle === undefined ? [] : [finding(tested.obstacle)]),
  ];
}

/** Packages to leave out so that a pair does not come up. */
export function packagesOf({ incoming, tested }: GuardEvidence, { module, kernel }: Pair): readonly string[] {
  const directories = (tested.machine?.modules ?? []).filter(({ name }) => name === module.name);
  const names = incoming.packages
    .filter(
      ({ headers, kernels, sourceDirectories }) =>
        headers.includes(kernel.release) ||
        kernels.includes(kernel.release) ||
        directories.some(({ directory }) => sourceDirectories.includes(directory)),
    )
    .map(({ name }) => name);
  const pkgbase = incoming.kernels.has(kernel.release) ? incoming.kernelPackages.get(kernel.release) : undefined;
  return [...new Set([...(pkgbase === undefined ? [] : [pkgbase]), ...names])].toSorted();
}

/** The verdicts of pairs that were to be tested and have none: the test did not get to them. */
export function completeVerdicts(
  planned: readonly Pair[],
  verdicts: readonly PairVerdict[],
  why: string,
): readonly PairVerdict[] {
  const known = new Set(verdicts.map(({ pair }) => pairKey(pair)));
  const missing = planned.filter((pair) => !known.has(pairKey(pair)));
  return [...verdicts, ...missing.map((pair): PairVerdict => ({ pair, verdict: { kind: "unknown", why } }))];
}
