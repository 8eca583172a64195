/** Makes evaluated confs by hand, for tests of what is made of them. */
import { directiveNames } from "../../src/model/conf/raw-conf.ts";
import type { ConfProblem, DirectiveName, RawConf, RawDirective, Verdict } from "../../src/model/conf/raw-conf.ts";

/** A text is a scalar, an array an array; holes stay holes. */
export type Values = Partial<Record<DirectiveName, string | readonly (string | undefined)[]>>;

/** The smallest valid conf of one kernel object. */
export const one = { PACKAGE_NAME: "zfs", PACKAGE_VERSION: "2.2", DEST_MODULE_LOCATION: ["/extra"] } satisfies Values;

/** A conf with these values; `verdicts` are what bash would say of regular expressions. */
export function rawConf(
  values: Values,
  verdicts: Partial<Record<DirectiveName, readonly Verdict[]>> = {},
  problems: readonly ConfProblem[] = [],
): RawConf {
  const directives = new Map<DirectiveName, RawDirective>();
  for (const name of directiveNames) {
    const value = values[name];
    if (value === undefined) continue;
    const found = new Map<number, string>();
    const list = typeof value === "string" ? [value] : value;
    for (const [index, text] of list.entries()) if (text !== undefined) found.set(index, text);
    directives.set(name, {
      form: typeof value === "string" ? "scalar" : "array",
      values: found,
      verdicts: new Map((verdicts[name] ?? []).entries()),
    });
  }
  return { path: "/usr/src/zfs-2.2/dkms.conf", directives, problems, stderr: "" };
}
