/** Which policy holds for this transaction: the caller's variable, a note for this one transaction, or the settings file. */
import { guardOnceFile, type Layout } from "../../model/machine/layout.ts";
import type { GuardPolicy } from "../../model/settings/own-settings.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { removeFile, writeAtomically } from "../../system/files/file-changes.ts";
import { readText } from "../../system/files/files.ts";
import { writeLine } from "../../system/output.ts";
import type { Settings } from "../frame/settings.ts";
import { transactionId } from "../hook/transaction-id.ts";

const policies: readonly GuardPolicy[] = ["required", "all", "warn", "off"];

/** Policies that `dkms guard --once` takes. */
export const oncePolicies = ["warn", "off"] as const satisfies readonly GuardPolicy[];

/** `DKMS_GUARD=warn pacman ...` beats the note, and the note beats the settings file. */
export function policyOf({ own, layout }: Pick<Settings, "own" | "layout">): GuardPolicy {
  const word = callerEnvironment()["DKMS_GUARD"] ?? "";
  const chosen = policies.find((policy) => policy === word);
  if (chosen === undefined && word !== "")
    writeLine("err", `==> WARNING: ignoring DKMS_GUARD=${word}. Valid values: ${policies.join(", ")}`);
  return chosen ?? takeOnce(layout) ?? own.guard.policy.value;
}

/** Leaves the note for the next transaction. */
export function leaveOnce(layout: Layout, policy: (typeof oncePolicies)[number]): void {
  writeAtomically(guardOnceFile(layout), `${policy}\n`);
}

/** The policy of a note that no transaction has taken yet. */
export function pendingOnce(layout: Layout): GuardPolicy | undefined {
  const [word, owner] = (readText(guardOnceFile(layout)) ?? "").trim().split(" ");
  return owner === undefined ? oncePolicies.find((known) => known === word) : undefined;
}

/** The first transaction that asks gets the note, for all of its hooks; for every other one it has expired. A run by hand leaves it alone. */
function takeOnce(layout: Layout): GuardPolicy | undefined {
  const path = guardOnceFile(layout);
  const [word, owner] = (readText(path) ?? "").trim().split(" ");
  const policy = oncePolicies.find((known) => known === word);
  const id = transactionId();
  if (policy === undefined || id.startsWith("manual:")) return undefined;
  if (owner === undefined) writeAtomically(path, `${policy} ${id}\n`);
  if (owner === undefined || owner === id) return policy;
  removeFile(path);
  return undefined;
}
