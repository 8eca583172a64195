/** `dkms doctor --fix`: prints each command that fixes a finding, asks, and runs it. */
import { fixesOf } from "../../../decide/doctor/fixes.ts";
import type { HealthFinding } from "../../../model/health/health.ts";
import { ask, runInForeground } from "../../../system/process/foreground.ts";
import { writeLine } from "../../../system/output.ts";
import { printable } from "../../../tell/errors.ts";

/** Offers the fixes; returns whether every command that was run succeeded. `yes` answers for the user, and for pacman; a dry run only prints. */
export function offerFixes(
  findings: readonly HealthFinding[],
  { yes, isDryRun }: { readonly yes: boolean; readonly isDryRun: boolean },
): boolean {
  const fixes = fixesOf(findings);
  if (fixes.length === 0) {
    writeLine("out", "No finding has a command that fixes it.");
    return true;
  }
  let isGood = true;
  for (const { finding, commands } of fixes) {
    writeLine("out", `==> ${printable(finding.what)}`);
    for (const words of commands) writeLine("out", `  -> ${words.join(" ")}`);
    if (isDryRun || (!yes && !ask("Run it?"))) continue;
    for (const words of commands) {
      const status = runInForeground(runnable(words, { yes }));
      if (status === 0) continue;
      writeLine("err", `==> ERROR: ${words.join(" ")} exited with status ${status}.`);
      isGood = false;
      break;
    }
  }
  return isGood;
}

/** With `--yes` nobody is there to answer pacman, so it must not ask. */
function runnable(
  words: readonly [string, ...string[]],
  { yes }: { readonly yes: boolean },
): readonly [string, ...string[]] {
  return yes && words[0] === "pacman" ? [...words, "--noconfirm"] : words;
}
