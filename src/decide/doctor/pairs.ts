/** Pairs that are not where they should be: not built, not installed, replaced by somebody, refused by the kernel, left unfinished. */
import { signatureDemand, type Health, type HealthFinding } from "../../model/health/health.ts";
import { kernelText, moduleText, pairKey, pairWords, sameKernel, sameModule, type Pair } from "../../model/pair.ts";
import { reportedFailure } from "../../model/health/transaction-report.ts";
import { supplyWords } from "../../model/packaging/supply.ts";
import { activePair, findModule, findPair } from "../../model/machine/lookup.ts";
import type { PairState, World } from "../../model/machine/world.ts";
import type { Finding } from "../../model/run/plan.ts";
import { missingPairs } from "../outlook/missing.ts";
import { pruneAdvice } from "./pruning.ts";

/** The findings of all pairs. */
export function pairFindings(health: Health): readonly HealthFinding[] {
  const { world } = health;
  const missing = missingPairs(world);
  return [
    ...missing.findings.flatMap(dependencyFinding),
    ...missing.pairs.map((pair) => notInstalled(health, pair)),
    ...suppliedTwice(world),
    ...world.modules.flatMap(({ pairs }) => pairs).flatMap((state) => stateFindings(health, state)),
    ...unfinished(health, new Set(missing.pairs.map(pairKey))),
  ];
}

/** What the planner says of dependencies; headers and confs have findings of their own. */
function dependencyFinding({ error, pair }: Finding): readonly HealthFinding[] {
  if (!unmet.has(error.code)) return [];
  return [
    {
      code: "dependency-unmet",
      severity: "error",
      subject: pair === undefined ? (error.facts.module ?? error.facts.kernel ?? "modules") : pairWords(pair),
      what: error.message,
      why: "BUILD_DEPENDS in its dkms.conf names what has to be installed first.",
      fix: error.facts.hint ?? "Report it to the maintainers of these modules",
    },
  ];
}

const unmet: ReadonlySet<string> = new Set(["dependency-missing", "dependency-circle", "dependency-failed"]);

/** The kernel has modules of the same names itself, which are loaded as long as ours is not installed. */
function hasOwnModule({ boot }: Health, { module, kernel }: Pair): boolean {
  const judged = boot?.kernels.find((one) => sameKernel(one.kernel, kernel));
  return judged?.found.kernelsOwn.includes(module.name) === true;
}

function notInstalled(health: Health, pair: Pair): HealthFinding {
  const { world } = health;
  const active = activePair(world, pair.module.name, pair.kernel)?.pair.module;
  const isOld = active !== undefined && !sameModule(active, pair.module);
  const isOwn = !isOld && hasOwnModule(health, pair);
  const built = findPair(world, pair) !== undefined ? "is built and not installed" : "is not built";
  return {
    code: "not-installed",
    severity: isOld || isOwn ? "warning" : "error",
    subject: pairWords(pair),
    what: `${pairWords(pair)} ${built}.`,
    why: isOld
      ? `${moduleText(active)} is still installed in its place.`
      : isOwn
        ? "The kernel's own module is loaded in its place."
        : "Its source and the kernel are there, but a run has failed, was interrupted or never happened.",
    fix: failureAdvice(health, pair) ?? `dkms install ${moduleText(pair.module)} ${kernelOption(world, pair)}`,
  };
}

/** What failed would fail again as it is: the advice is that of the table of hints, or else what the transaction reported. */
function failureAdvice({ failures, lastTransaction }: Health, pair: Pair): string | undefined {
  const logged = failures?.get(pairKey(pair));
  const reported = reportedFailure(lastTransaction, pair);
  if (logged === undefined && reported === undefined) return undefined;
  const log = logged?.log ?? reported?.log;
  const when = reported === undefined ? "Its last build failed" : "It failed in the last transaction";
  const told = logged?.hint === undefined ? [reported?.hint] : [logged.sentence, logged.hint];
  const hint = told.flatMap((text) => (text === undefined ? [] : [` ${text}`])).join("");
  return `${when}: ${log === undefined ? "see dkms report" : `read ${log}`}${hint === "" ? "" : `.${hint}`}`;
}

/** Modules that a package brings and that are installed from the dkms tree as well: depmod takes either of two in `updates`. */
function suppliedTwice(world: World): readonly HealthFinding[] {
  return [...world.supplies.values()].flatMap((supply): HealthFinding[] => {
    const pair = activePair(world, supply.pair.module.name, supply.pair.kernel)?.pair;
    if (pair === undefined) return [];
    return [
      {
        code: "supplied-twice",
        severity: "warning",
        subject: pairWords(pair),
        what: `${pairWords(pair)} is installed, and ${supplyWords(supply)} for that kernel.`,
        why: "Nobody can tell which of the two is loaded.",
        fix: `dkms uninstall ${moduleText(pair.module)} ${kernelOption(world, pair)}, or: pacman -R ${supply.package}`,
      },
    ];
  });
}

function stateFindings(health: Health, { pair, state }: PairState): readonly HealthFinding[] {
  const { world } = health;
  const option = kernelOption(world, pair);
  const subject = pairWords(pair);
  const findings: HealthFinding[] = [];
  const isHere = findModule(world, pair.module)?.sourcePresent === true;
  const fault = health.faults.get(pairKey(pair));
  if (fault !== undefined && isHere) {
    const again = `dkms install --force ${moduleText(pair.module)} ${option}`;
    findings.push(
      fault.kind === "differs"
        ? {
            code: "object-differs",
            severity: "warning",
            subject,
            what: `${fault.name}.ko as it is installed for ${pair.kernel.release} is not the one that was built, or is not there.`,
            why: `Somebody has replaced or deleted it since ${moduleText(pair.module)} was installed.`,
            fix: again,
          }
        : {
            code: "object-missing",
            severity: state === "installed" ? "warning" : "error",
            subject,
            what: `The result of ${subject} lacks ${fault.name}.ko.`,
            why: "Somebody has deleted it from the dkms tree, or dkms.conf has changed since it was built.",
            fix: `dkms build --force ${moduleText(pair.module)} ${option} && ${again}`,
          },
    );
  }
  const files = health.unsigned.get(pairKey(pair));
  const demand = signatureDemand(health.policy, world.facts.get(kernelText(pair.kernel))?.config);
  if (files !== undefined && demand !== undefined) {
    findings.push({
      code: "unsigned",
      severity: "error",
      subject,
      what: `${files.join(", ")} ${files.length === 1 ? "is" : "are"} not signed.`,
      why: `The kernel will not load it, for ${demand}.`,
      fix: `dkms generate_mok, make the kernel trust the certificate (with shim: mokutil --import /var/lib/dkms/mok.pub), then: dkms build --force ${moduleText(pair.module)} ${option} && dkms install --force ${moduleText(pair.module)} ${option}`,
    });
  }
  return findings;
}

/** Pairs in the journal that are not told as missing already. */
function unfinished(health: Health, told: ReadonlySet<string>): readonly HealthFinding[] {
  const { world } = health;
  if (world.pending.size === 0) return [];
  const advice = pruneAdvice(health);
  const pairs = world.modules.flatMap((module) =>
    [...world.kernels, ...module.pairs.map(({ pair }) => pair.kernel)].map((kernel): Pair => ({
      module: module.id,
      kernel: { release: kernel.release, arch: kernel.arch },
    })),
  );
  const known = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  return [...world.pending].flatMap((key): HealthFinding[] => {
    const pair = known.get(key);
    if (pair === undefined || told.has(key)) return [];
    const state = findPair(world, pair);
    const module = findModule(world, pair.module);
    const isHere = module?.sourcePresent === true;
    const kept = module === undefined || advice.helps(module) ? undefined : advice.leftAlone(module);
    if (isHere && state?.state === "installed" && state.freshness !== "changed") return [];
    return [
      {
        code: "unfinished",
        severity: "warning",
        subject: pairWords(pair),
        what: `A run was interrupted before it had finished with ${pairWords(pair)}.`,
        why: "The next transaction that dkms has a part in would finish it.",
        fix: isHere
          ? `dkms install ${moduleText(pair.module)} ${kernelOption(world, pair)}`
          : (kept?.fix ?? "dkms prune"),
      },
    ];
  });
}

function kernelOption(world: World, { kernel }: Pair): string {
  return `-k ${kernel.arch === world.running.arch ? kernel.release : kernelText(kernel)}`;
}
