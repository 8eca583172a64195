/** Directives that a conf had better leave out. */
import type { DirectiveName, RawConf } from "./raw-conf.ts";

const deprecated = [
  "CLEAN",
  "REMAKE_INITRD",
  "MODULES_CONF",
  "MODULES_CONF_OBSOLETES",
  "MODULES_CONF_ALIAS_TYPE",
  "MODULES_CONF_OBSOLETE_ONLY",
] as const satisfies readonly DirectiveName[];

/** A CLEAN that does nothing keeps older releases content and is no reason for a word. */
const idleCleans = new Set(["true", "/bin/true", "/usr/bin/true"]);

/** Names of the deprecated directives that have a value, in the order in which the reference tells them, with advice where there is any. */
export function deprecations(raw: RawConf): readonly string[] {
  const isSet = (name: DirectiveName): boolean =>
    Array.from(raw.directives.get(name)?.values.values() ?? []).some((value) => value !== "");
  const clean = raw.directives.get("CLEAN")?.values.get(0) ?? "";
  const found: string[] = deprecated.filter((name) => isSet(name) && !(name === "CLEAN" && idleCleans.has(clean)));
  if (isSet("OBSOLETE_BY")) found.push("OBSOLETE_BY (use BUILD_EXCLUSIVE_KERNEL_MAX)");
  return found;
}
