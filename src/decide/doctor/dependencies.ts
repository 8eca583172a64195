/** Modules that use another one and do not say so in BUILD_DEPENDS: that they were built was luck. */
import { parseObjectFileName, objectKey } from "../../model/kernel-object.ts";
import type { Health, HealthFinding } from "../../model/health/health.ts";
import { kernelText, moduleText, pairKey } from "../../model/pair.ts";
import type { PairState } from "../../model/machine/world.ts";

/** One finding for a module and a module that it uses, however many kernels show it. */
export function dependencyFindings({ world, uses }: Health): readonly HealthFinding[] {
  const installed = world.modules.flatMap(({ pairs }) => pairs).filter(({ state }) => state === "installed");
  const owners = new Map(installed.flatMap((state) => objectKeys(state).map((key) => [key, state] as const)));
  const findings = new Map<string, HealthFinding>();
  for (const { pair } of installed) {
    const conf = world.confs.get(pairKey(pair));
    if (conf?.kind !== "valid") continue;
    for (const object of uses.get(pairKey(pair)) ?? []) {
      const owner = owners.get(keyFor(object, kernelText(pair.kernel)))?.pair.module;
      if (owner === undefined || owner.name === pair.module.name) continue;
      if (conf.directives.buildDepends.includes(owner.name)) continue;
      const subject = moduleText(pair.module);
      findings.set(`${subject} ${owner.name}`, {
        code: "dependency-undeclared",
        severity: "warning",
        subject,
        what: `${subject} uses ${moduleText(owner)}, and its dkms.conf does not say so.`,
        why: `Whether ${owner.name} is there when ${pair.module.name} is built is left to chance.`,
        fix: `Ask the maintainer of its package for BUILD_DEPENDS[0]="${owner.name}" in ${conf.path}`,
      });
    }
  }
  return [...findings.values()];
}

function objectKeys({ pair, objects }: PairState): readonly string[] {
  return objects.map((file) => keyFor(parseObjectFileName(file)?.name ?? file, kernelText(pair.kernel)));
}

/** The kernel takes a hyphen in the name of a module for an underscore. */
function keyFor(name: string, kernel: string): string {
  return `${objectKey(name)}/${kernel}`;
}
