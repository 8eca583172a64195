/** Whether a module, or some of its objects, must not be built for a kernel, and why. */
import type { Constraint } from "./constraints.ts";
import type { Directives } from "./directives.ts";
import { compareDkmsVersions } from "./dkms-version.ts";
import { isEnabled } from "../kernel/kernel-build-facts.ts";
import type { KernelConfig } from "../kernel/kernel-build-facts.ts";

/** The kernel that is asked about. */
export interface ExclusionTarget {
  readonly release: string;
  readonly arch: string;
  /** Without a configuration BUILD_EXCLUSIVE_CONFIG is ignored. */
  readonly config: KernelConfig | undefined;
}

/** The answer, as reasons in words. */
export interface Exclusions {
  /** Why the pair as a whole is excluded; empty when at least one object may be built. */
  readonly pair: readonly string[];
  /** For each object, by index, why it is not built; empty when it is. */
  readonly objects: readonly (readonly string[])[];
}

/** Judges all constraints of a conf. The conf must have been evaluated for this very kernel: bash has judged its regular expressions. */
export function exclusions(directives: Directives, target: ExclusionTarget): Exclusions {
  const common = violations(directives.constraints, target);
  const objects = directives.objects.map((object) => [...common, ...violations(object.constraints, target)]);
  if (objects.length === 0) return { pair: common, objects };
  const isExcluded = objects.every((reasons) => reasons.length > 0);
  return { pair: isExcluded ? [...new Set(objects.flat())] : [], objects };
}

function violations(constraints: readonly Constraint[], target: ExclusionTarget): string[] {
  return constraints.flatMap((constraint) => violation(constraint, target));
}

function violation(constraint: Constraint, { release, arch, config }: ExclusionTarget): readonly string[] {
  const { name, value } = constraint;
  switch (constraint.kind) {
    case "expression": {
      const subject = constraint.subject === "kernel" ? `kernel ${release}` : `architecture ${arch}`;
      if (constraint.verdict === "matches") return [];
      if (constraint.verdict === "invalid")
        return [`${name} "${value}" is no valid regular expression, so it does not match ${subject}`];
      return [`${name} "${value}" does not match ${subject}`];
    }
    case "minimum":
      return compareDkmsVersions(release, value) < 0 ? [`${name} is ${value}, and kernel ${release} is older`] : [];
    case "maximum":
      return compareDkmsVersions(release, value) > 0 ? [`${name} is ${value}, and kernel ${release} is newer`] : [];
    case "config":
      return config === undefined ? [] : configViolations(name, value, config);
  }
}

function configViolations(name: string, value: string, config: KernelConfig): string[] {
  const found: string[] = [];
  for (const word of value.split(/\s+/)) {
    const option = word.replace(/^!/, "");
    if (option === "") continue;
    const isForbidden = word.startsWith("!");
    if (isEnabled(config, option) !== isForbidden) continue;
    const what = isForbidden ? `forbids ${option}, which is enabled in` : `requires ${option}, which is not enabled in`;
    found.push(`${name} ${what} ${config.path}`);
  }
  return found;
}
