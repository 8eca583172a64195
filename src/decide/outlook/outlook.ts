/** What is to be said of one pair: how it is, whether hooks want it for its kernel, why, and what the next run would do. Pure. */
import type { Outlook } from "../../model/health/outlook.ts";
import type { Plan } from "../../model/run/plan.ts";
import { stepPair } from "../../model/run/plan.ts";
import { reportedFailure, type TransactionReport } from "../../model/health/transaction-report.ts";
import { moduleText, pairKey, sameKernel, sameModule, type Pair } from "../../model/pair.ts";
import { supplyKey } from "../../model/packaging/supply.ts";
import { activePair, findModule, findPair } from "../../model/machine/lookup.ts";
import { findKernel, type World } from "../../model/machine/world.ts";
import { planForAllKernels } from "./missing.ts";

/** Looks at every pair of a module and a kernel: what hooks would do in a transaction that touches all kernels. */
export function outlookOf(world: World, report: TransactionReport | undefined): (pair: Pair) => Outlook {
  const plan = planForAllKernels(world);
  return (pair) => {
    const steps = stepsOf(plan, pair);
    return {
      pair,
      steps,
      state: stateOf(world, pair),
      lastFailure: reportedFailure(report, pair),
      ...verdict(world, plan, pair),
    };
  };
}

/** Builds and installations of a pair. */
function stepsOf({ steps }: Plan, pair: Pair): Plan["steps"] {
  return steps.filter(({ step }) => {
    const own = stepPair(step);
    return own !== undefined && pairKey(own) === pairKey(pair) && (step.kind === "build" || step.kind === "install");
  });
}

function stateOf(world: World, pair: Pair): Outlook["state"] {
  const found = findPair(world, pair)?.state;
  if (found !== undefined) return found;
  return world.supplies.has(supplyKey(pair.module.name, pair.kernel)) ? "supplied by a package" : "not built";
}

type Verdict = Pick<Outlook, "isWanted" | "reason" | "isSkipped">;

const yes = (reason: string): Verdict => ({ isWanted: true, reason, isSkipped: false });
const no = (reason: string): Verdict => ({ isWanted: false, reason, isSkipped: false });

function verdict(world: World, plan: Plan, pair: Pair): Verdict {
  const module = findModule(world, pair.module);
  const conf = world.confs.get(pairKey(pair));
  const state = findPair(world, pair);
  const [planned] = stepsOf(plan, pair);
  if (module === undefined) return no("the dkms tree does not have it, and its source is not there");
  if (!module.sourcePresent) return no(`its source ${module.source} is missing`);
  if (conf?.kind === "invalid") return no(`${conf.path} is no valid dkms.conf: ${conf.errors.join(" ")}`);
  if (conf?.kind === "missing") return no(`${conf.path} is missing`);
  const excluded = conf?.exclusions.pair ?? [];
  if (excluded.length > 0) return { ...no(excluded.join("; ")), isSkipped: true };
  if (planned !== undefined) return yes(planned.reason);
  const finding = plan.findings.find(
    (one) => one.pair !== undefined && pairKey(one.pair) === pairKey(pair) && one.kind !== "warning",
  );
  if (finding !== undefined) return finding.kind === "skip" ? no(finding.error.message) : yes(finding.error.message);
  if (state?.yieldsTo !== undefined)
    return { ...no(`the kernel has the module itself: ${state.yieldsTo}`), isSkipped: true };
  if (state?.state === "installed") return yes("it is installed and up to date");
  const active = activePair(world, pair.module.name, pair.kernel)?.pair.module;
  if (active !== undefined && !sameModule(active, pair.module)) return no(`${moduleText(active)} is installed there`);
  const successor = plan.steps
    .flatMap(({ step }) => stepPair(step) ?? [])
    .find((other) => other.module.name === pair.module.name && sameKernel(other.kernel, pair.kernel));
  if (successor !== undefined) return no(`${moduleText(successor.module)} is to be installed there`);
  const kernel = findKernel(world, pair.kernel);
  if (kernel.modules !== "present") return no("this kernel is not installed");
  if (conf?.kind === "valid" && conf.directives.autoinstall === "no") return no('its dkms.conf says AUTOINSTALL="no"');
  if (kernel.pkgbase === undefined && world.kernelChoice === "packaged") {
    return no("no package owns this kernel (Kernels=all under [Build] in /etc/dkms-alpm.conf builds for it)");
  }
  if (kernel.headers === undefined) return yes("the headers of this kernel are not installed");
  return no("nothing asks for it");
}
