/** The guard's policy for this transaction: the caller's variable, a note for this one transaction, or the settings file. */
import { takeOnce } from "../../act/guard/once.ts";
import type { GuardPolicy } from "../../model/settings/own-settings.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import type { Settings } from "../frame/settings.ts";

const policies: readonly GuardPolicy[] = ["required", "all", "warn", "off"];

/** `DKMS_GUARD=warn pacman ...` beats the note, and the note beats the settings file. */
export function policyOf({ own, layout }: Pick<Settings, "own" | "layout">): GuardPolicy {
  const word = callerEnvironment()["DKMS_GUARD"] ?? "";
  const chosen = policies.find((policy) => policy === word);
  if (chosen === undefined && word !== "")
    writeLine("err", `==> WARNING: ignoring DKMS_GUARD=${word}. Valid values: ${policies.join(", ")}`);
  return chosen ?? takeOnce(layout) ?? own.guard.policy.value;
}
