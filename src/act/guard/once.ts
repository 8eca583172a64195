/** The policy that `dkms guard --once` sets for the next transaction: a note that the first transaction takes. */
import { guardOnceFile, type Layout } from "../../model/machine/layout.ts";
import type { GuardPolicy } from "../../model/settings/own-settings.ts";
import { runId } from "../../observe/pacman/run-id.ts";
import { readText } from "../../system/files/content.ts";
import { removeFile, writeAtomically } from "../../system/writing/file-changes.ts";

/** Policies that can be set once. */
export const oncePolicies = ["warn", "off"] as const satisfies readonly GuardPolicy[];

type OncePolicy = (typeof oncePolicies)[number];

/** Leaves the note for the next transaction. */
export function leaveOnce(layout: Layout, policy: OncePolicy): void {
  writeAtomically(guardOnceFile(layout), `${policy}\n`);
}

/** The policy of a note that no transaction has taken yet. */
export function pendingOnce(layout: Layout): OncePolicy | undefined {
  const { policy, owner } = readNote(layout);
  return owner === undefined ? policy : undefined;
}

/** The first transaction that asks gets the note, for all of its hooks; for every other one it has expired. A run by hand leaves it alone. */
export function takeOnce(layout: Layout): OncePolicy | undefined {
  const { policy, owner } = readNote(layout);
  const id = runId();
  if (policy === undefined || id.startsWith("manual:")) return undefined;
  if (owner === undefined) writeAtomically(guardOnceFile(layout), `${policy} ${id}\n`);
  if (owner === undefined || owner === id) return policy;
  removeFile(guardOnceFile(layout));
  return undefined;
}

function readNote(layout: Layout): { readonly policy: OncePolicy | undefined; readonly owner: string | undefined } {
  const [word, owner] = (readText(guardOnceFile(layout)) ?? "").trim().split(" ");
  return { policy: oncePolicies.find((known) => known === word), owner };
}
