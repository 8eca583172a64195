/** What bash made of a dkms.conf, before anybody judges it: the values of its directives as texts. */

/** The directives that dkms reads, in the order in which their values are expanded a second time: an earlier one can be used in a later one. */
export const directiveNames = [
  "PACKAGE_NAME",
  "PACKAGE_VERSION",
  "POST_ADD",
  "POST_BUILD",
  "POST_INSTALL",
  "POST_REMOVE",
  "PRE_BUILD",
  "PRE_INSTALL",
  "BUILD_DEPENDS",
  "BUILD_DEPENDS_REBUILD",
  "BUILD_EXCLUSIVE_ARCH",
  "BUILD_EXCLUSIVE_CONFIG",
  "BUILD_EXCLUSIVE_KERNEL",
  "BUILD_EXCLUSIVE_KERNEL_MIN",
  "BUILD_EXCLUSIVE_KERNEL_MAX",
  "OBSOLETE_BY",
  "MAKE",
  "MAKE_MATCH",
  "PATCH",
  "PATCH_MATCH",
  "BUILT_MODULE_NAME",
  "BUILT_MODULE_LOCATION",
  "DEST_MODULE_NAME",
  "DEST_MODULE_LOCATION",
  "STRIP",
  "AUTOINSTALL",
  "NO_WEAK_MODULES",
  "CLEAN",
  "REMAKE_INITRD",
  "MODULES_CONF",
  "MODULES_CONF_OBSOLETES",
  "MODULES_CONF_ALIAS_TYPE",
  "MODULES_CONF_OBSOLETE_ONLY",
] as const;

/** The name of a directive that dkms reads. */
export type DirectiveName = (typeof directiveNames)[number];

/** Directives that hold POSIX extended regular expressions, and the variable that each is matched against. */
export const expressionSubjects = {
  BUILD_EXCLUSIVE_ARCH: "arch",
  BUILD_EXCLUSIVE_KERNEL: "kernelver",
  MAKE_MATCH: "kernelver",
  PATCH_MATCH: "kernelver",
} as const satisfies Partial<Record<DirectiveName, string>>;

/** What bash says of a regular expression and its subject. */
export type Verdict = "matches" | "differs" | "invalid";

/** One directive as it was written and evaluated; a scalar has its value at index 0. */
export interface RawDirective {
  readonly form: "scalar" | "array";
  readonly values: ReadonlyMap<number, string>;
  /** Only for the directives of `expressionSubjects`. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

/** Why the evaluation of a conf did not go as it should, in words; `unreadable` means that there is no such file. */
export interface ConfProblem {
  readonly kind: "unreadable" | "syntax" | "exited" | "killed" | "silent" | "flood" | "unexpandable" | "bad-assignment";
  readonly message: string;
}

/** What evaluating a dkms.conf gave. */
export interface RawConf {
  readonly path: string;
  readonly directives: ReadonlyMap<DirectiveName, RawDirective>;
  readonly problems: readonly ConfProblem[];
  /** What the conf and bash wrote to stderr. */
  readonly stderr: string;
}

/** The value of a directive that is no array; empty when it is not set. */
export function scalar(raw: RawConf, directive: DirectiveName): string {
  return raw.directives.get(directive)?.values.get(0) ?? "";
}
