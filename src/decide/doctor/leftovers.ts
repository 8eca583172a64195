/** What `dkms prune` would clear away, and what an earlier run has left unfinished. */
import type { Health, HealthFinding } from "../../model/health/health.ts";
import { planPrune } from "../prune/prune.ts";

/** At most one finding: its length says how much there is. */
export function leftoverFindings({ world, leftovers }: Health): readonly HealthFinding[] {
  const { plan, deletions } = planPrune(world, leftovers, { force: false });
  const pairs = plan.steps.filter(({ step }) => step.kind === "unbuild").length;
  const entries = plan.steps.filter(({ step }) => step.kind === "deregister").length;
  const kernels = plan.steps.filter(({ step }) => step.kind === "tidy").length;
  const indexes = plan.steps.filter(({ step, after }) => step.kind === "depmod" && after.length === 0).length;
  const parts = [
    counted(pairs, "build", "builds"),
    counted(entries, "entry of the dkms tree", "entries of the dkms tree"),
    counted(kernels, "directory of a removed kernel", "directories of removed kernels"),
    counted(indexes, "module index that depmod has yet to update", "module indexes that depmod has yet to update"),
    counted(deletions.length, "file or directory", "files or directories"),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return [];
  return [
    {
      code: "leftovers",
      severity: "note",
      subject: "leftovers",
      what: `Leftovers of removed kernels, modules or runs: ${parts.join(", ")}.`,
      why: "It takes space, and an old object may be loaded in place of a new one; dkms prune --dry-run lists it.",
      fix: "dkms prune",
    },
  ];
}

function counted(count: number, one: string, many: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`;
}
