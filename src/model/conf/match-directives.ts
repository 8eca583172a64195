/** Directives that hold for some kernels only: MAKE with MAKE_MATCH, PATCH with PATCH_MATCH. Bash has judged the expressions. */
import { expressionSubjects } from "./raw-conf.ts";
import type { DirectiveName, RawConf } from "./raw-conf.ts";

/**
 * The make command for the kernel: MAKE[0] when it has no expression, then the last MAKE[i] whose MAKE_MATCH[i] matches.
 * MAKE[i] beyond 0 without an expression is never used. Undefined: the default command.
 */
export function chosenMake(raw: RawConf): string | undefined {
  const commands = raw.directives.get("MAKE")?.values ?? new Map<number, string>();
  let chosen = valueAt(raw, "MAKE_MATCH", 0) === "" ? commands.get(0) : undefined;
  for (const [index, command] of sorted(commands)) {
    const isChosen = valueAt(raw, "MAKE_MATCH", index) !== "" && verdict(raw, "MAKE_MATCH", index) === "matches";
    if (command !== "" && isChosen) chosen = command;
  }
  return chosen === "" ? undefined : chosen;
}

/** The patches for the kernel, by index: those without an expression and those whose expression matches. */
export function chosenPatches(raw: RawConf): readonly string[] {
  const patches = raw.directives.get("PATCH")?.values ?? new Map<number, string>();
  return sorted(patches)
    .filter(([, patch]) => patch !== "")
    .filter(([index]) => valueAt(raw, "PATCH_MATCH", index) === "" || verdict(raw, "PATCH_MATCH", index) === "matches")
    .map(([, patch]) => patch);
}

/** A sentence for every regular expression that bash refuses; such a one matches nothing. */
export function expressionWarnings(raw: RawConf): string[] {
  const warnings: string[] = [];
  for (const name of Object.keys(expressionSubjects) as (keyof typeof expressionSubjects)[]) {
    for (const [index, found] of raw.directives.get(name)?.verdicts ?? []) {
      const value = valueAt(raw, name, index);
      if (found === "invalid")
        warnings.push(`${name}[${index}] "${value}" is no valid extended regular expression; it matches no kernel.`);
    }
  }
  return warnings;
}

function valueAt(raw: RawConf, name: DirectiveName, index: number): string {
  return raw.directives.get(name)?.values.get(index) ?? "";
}

function verdict(raw: RawConf, name: DirectiveName, index: number): string | undefined {
  return raw.directives.get(name)?.verdicts.get(index);
}

function sorted(values: ReadonlyMap<number, string>): readonly (readonly [number, string])[] {
  return Array.from(values).toSorted(([a], [b]) => a - b);
}
