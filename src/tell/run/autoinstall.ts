/** The summary that `dkms autoinstall` ends with: scripts look for which modules succeeded, were skipped or failed. */
import type { Outcome } from "../../model/run/outcome.ts";
import type { KernelId } from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Line } from "./lines.ts";

/** One line for each kind of result that there is; `codeOf` gives the exit status of a failure. */
export function autoinstallLines(
  kernel: KernelId,
  plan: Plan,
  outcomes: readonly Outcome[],
  codeOf: (error: Extract<Outcome["ending"], { kind: "failed" }>["error"]) => number,
): readonly Line[] {
  const installed = new Set<string>();
  const failed = new Map<string, number>();
  const waiting: string[] = [];
  const skipped: string[] = [];
  for (const { planned, ending } of outcomes) {
    if (planned.step.kind === "depmod" && ending.kind === "failed") {
      // It comes after all installations, and takes them back.
      for (const { module } of planned.step.dependents.filter((pair) => installed.delete(pair.module.name)))
        failed.set(module.name, codeOf(ending.error));
    }
    if (!("pair" in planned.step)) continue;
    const { name } = planned.step.pair.module;
    if (ending.kind === "failed") failed.set(name, codeOf(ending.error));
    if (ending.kind === "not-attempted" && ending.cause === "dependency" && !waiting.includes(name)) waiting.push(name);
    if (planned.step.kind === "install" && ending.kind === "done") installed.add(name);
    if (ending.kind === "unchanged" && ending.remark !== undefined) skipped.push(name);
  }
  const deferred: string[] = [];
  for (const { kind, error, pair } of plan.findings) {
    if (pair === undefined) continue;
    if (error.code === "excluded" || error.code === "kernel-has-module") skipped.push(pair.module.name);
    else if (error.code === "dependency-deferred") deferred.push(pair.module.name);
    else if (kind === "refusal") failed.set(pair.module.name, codeOf(error));
  }
  const on = `Autoinstall on ${kernel.release}`;
  const failures = [...failed].map(([name, code]) => `${name}(${code})`);
  return [
    ...line("out", `${on} succeeded for module(s)`, [...installed]),
    ...line("out", `${on} was skipped for module(s)`, skipped),
    ...line("out", `${on} was deferred for module(s)`, deferred),
    ...line("err", `${on} failed for module(s)`, failures),
    ...line("err", `${on} could not go on, for want of what they depend on, with module(s)`, waiting),
  ];
}

function line(stream: Line["stream"], words: string, names: readonly string[]): readonly Line[] {
  return names.length === 0 ? [] : [{ stream, text: `${words} ${names.join(" ")}.` }];
}
