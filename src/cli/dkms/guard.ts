/** `dkms guard`: shows which policy the guard has, and with `--once` sets it for the next transaction only. */
import { leaveOnce, oncePolicies, pendingOnce } from "../../act/guard/once.ts";
import { writeDocument, writeLine } from "../../system/output.ts";
import { usageError } from "../frame/usage.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import type { Settings } from "../frame/settings.ts";
import { requireRoot } from "./root.ts";

/** Returns 0; with `--dry-run` sets nothing and prints what would hold. Throws `usage` for a policy that cannot be set once. */
export function runGuardCommand({ layout, own, dryRun }: Settings, given: ParsedArguments): number {
  const word = given.value("once");
  const policy = oncePolicies.find((known) => known === word);
  if (word !== undefined && policy === undefined) {
    throw usageError(`dkms guard --once takes ${oncePolicies.join(" or ")}, not ${word}.`);
  }
  if (policy !== undefined && !dryRun) {
    requireRoot();
    leaveOnce(layout, policy);
  }
  const { value, from } = own.guard.policy;
  const once = policy ?? pendingOnce(layout);
  if (given.has("json")) {
    writeDocument(JSON.stringify({ format: 1, policy: value, from, once: once ?? null }, undefined, 2));
    return 0;
  }
  writeLine("out", `Policy of the guard: ${value} (${from})`);
  if (once !== undefined) writeLine("out", `For the next transaction that the guard checks: ${once}`);
  return 0;
}
