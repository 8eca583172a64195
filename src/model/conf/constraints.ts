/** The BUILD_EXCLUSIVE_* directives in typed form: for which kernels a module, or one of its objects, may be built. */
import type { DirectiveName, RawConf, RawDirective } from "./raw-conf.ts";
import { scalar } from "./raw-conf.ts";

/** One constraint as the conf states it; `name` is how messages call it: `BUILD_EXCLUSIVE_KERNEL[1]`. */
export type Constraint =
  | {
      readonly kind: "expression";
      readonly name: string;
      readonly value: string;
      readonly subject: "kernel" | "arch";
      /** Evaluated by bash, for the kernel for which the conf was evaluated. An invalid expression matches nothing. */
      readonly verdict: "matches" | "differs" | "invalid";
    }
  | { readonly kind: "minimum" | "maximum"; readonly name: string; readonly value: string }
  /** Blank-separated options that must be enabled, with `!` those that must not. */
  | { readonly kind: "config"; readonly name: string; readonly value: string };

const directives = [
  "BUILD_EXCLUSIVE_KERNEL",
  "BUILD_EXCLUSIVE_KERNEL_MIN",
  "BUILD_EXCLUSIVE_KERNEL_MAX",
  "BUILD_EXCLUSIVE_ARCH",
  "BUILD_EXCLUSIVE_CONFIG",
] as const satisfies readonly DirectiveName[];

type ExclusiveDirective = (typeof directives)[number];

/**
 * Constraints of the whole module: those written without an index, and OBSOLETE_BY as a maximum when there is no other maximum at all.
 * In a module without objects those with index 0 count as well, since there is nothing else that they could mean.
 */
export function moduleConstraints(raw: RawConf, objectCount: number): readonly Constraint[] {
  const found: Constraint[] = [];
  for (const name of directives) {
    const directive = raw.directives.get(name);
    if (directive?.form === "scalar" || objectCount === 0) found.push(...constraintsAt(name, name, directive, 0));
  }
  const obsoleteBy = scalar(raw, "OBSOLETE_BY");
  const maxima = raw.directives.get("BUILD_EXCLUSIVE_KERNEL_MAX")?.values.values() ?? [];
  if (obsoleteBy !== "" && Array.from(maxima).every((value) => value === ""))
    found.push({ kind: "maximum", name: "OBSOLETE_BY", value: obsoleteBy });
  return found;
}

/** Constraints of one object alone: those written with its index. */
export function objectConstraints(raw: RawConf, index: number): readonly Constraint[] {
  return directives.flatMap((name) => {
    const directive = raw.directives.get(name);
    return directive?.form === "array" ? constraintsAt(name, `${name}[${index}]`, directive, index) : [];
  });
}

function constraintsAt(
  directive: ExclusiveDirective,
  name: string,
  raw: RawDirective | undefined,
  index: number,
): readonly Constraint[] {
  const value = raw?.values.get(index) ?? "";
  if (value === "") return [];
  switch (directive) {
    case "BUILD_EXCLUSIVE_KERNEL_MIN":
      return [{ kind: "minimum", name, value }];
    case "BUILD_EXCLUSIVE_KERNEL_MAX":
      return [{ kind: "maximum", name, value }];
    case "BUILD_EXCLUSIVE_CONFIG":
      return [{ kind: "config", name, value }];
    default: {
      const subject = directive === "BUILD_EXCLUSIVE_ARCH" ? "arch" : "kernel";
      return [{ kind: "expression", name, value, subject, verdict: raw?.verdicts.get(index) ?? "differs" }];
    }
  }
}
