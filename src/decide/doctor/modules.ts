/** Modules with which something is wrong whatever the kernel: their source, their dkms.conf, their makefile. */
import { strictFindings } from "../../model/conf/directives.ts";
import type { Health, HealthFinding } from "../../model/health/health.ts";
import { moduleText, pairKey } from "../../model/pair.ts";
import type { Conf, Module, World } from "../../model/machine/world.ts";
import { pruneAdvice, type PruneAdvice } from "./pruning.ts";
import { makeCommands, runningKernelFinding } from "../packaging/makefile.ts";

/** The findings of all modules. */
export function moduleFindings(health: Health): readonly HealthFinding[] {
  const { world } = health;
  const advice = pruneAdvice(health);
  const commandsOf = makeCommands(world);
  return [
    ...world.unidentified.map(({ conf, errors }) => confFinding(conf, errors)),
    ...world.modules.flatMap((module) => [
      ...brokenFindings(module, advice),
      ...confFindings(world, module),
      ...runningKernelFinding(health, module, commandsOf),
    ]),
  ];
}

function brokenFindings(module: Module, advice: PruneAdvice): readonly HealthFinding[] {
  const subject = moduleText(module.id);
  if (!module.sourcePresent) {
    const kept = advice.leftAlone(module);
    const again = `install the package again that brings ${module.source}`;
    const installed = module.pairs.filter(({ state }) => state === "installed").length;
    return [
      {
        code: "module-broken",
        severity: "warning",
        subject,
        what: `${subject} is broken: its source ${module.source} is missing.`,
        why:
          kept !== undefined
            ? `${kept.subject}: ${kept.why}.`
            : installed === 0
              ? "It cannot be built any more."
              : `It is still installed for ${installed} ${installed === 1 ? "kernel" : "kernels"}, but the next one will not get it.`,
        fix: advice.helps(module) ? `dkms prune, or ${again}` : (kept?.fix ?? `I${again.slice(1)}`),
      },
    ];
  }
  if (module.registration !== "broken") return [];
  return [
    {
      code: "module-broken",
      severity: "warning",
      subject,
      what: `${subject} is broken: the dkms tree does not link to its source ${module.source}.`,
      why: "A run that registered it was interrupted, or somebody has deleted the link.",
      fix: `dkms add ${subject}`,
    },
  ];
}

/** Every fault of a module's confs once, however many kernels it was evaluated for. */
function confFindings(world: World, module: Module): readonly HealthFinding[] {
  if (!module.sourcePresent) return [];
  const findings = new Map<string, HealthFinding>();
  for (const kernel of world.kernels) {
    const conf = world.confs.get(pairKey({ module: module.id, kernel }));
    if (conf === undefined) continue;
    for (const finding of faultsOf(module, conf))
      findings.set(`${finding.code} ${finding.what} ${finding.why}`, finding);
  }
  return [...findings.values()];
}

function faultsOf(module: Module, conf: Conf): readonly HealthFinding[] {
  const subject = moduleText(module.id);
  switch (conf.kind) {
    case "missing":
      return [confFinding(conf.path, ["There is no such file."], subject)];
    case "invalid":
      return [confFinding(conf.path, conf.errors, subject)];
    case "valid": {
      const { errors } = strictFindings(conf.directives);
      if (errors.length > 0) return [confFinding(conf.path, errors, subject)];
      const deprecated = conf.deprecated.map((name) => `It uses the deprecated directive ${name}.`);
      return [...conf.warnings, ...deprecated].map((warning) => ({
        code: "conf-doubtful",
        severity: "note",
        subject,
        what: `${conf.path} is doubtful.`,
        why: warning,
        fix: "Report it to the maintainer of the module's package",
      }));
    }
  }
}

function confFinding(path: string, errors: readonly string[], subject = path): HealthFinding {
  return {
    code: "conf-invalid",
    severity: "error",
    subject,
    what: `${path} is no valid dkms.conf.`,
    why: errors.length === 0 ? "It does not name its module." : errors.join(" "),
    fix: "Correct the file, or report it to the maintainer of the module's package",
  };
}
