/** The job slots of a plan: what this machine can afford, told when that is less than was asked for. */
import { buildPlace } from "../../model/machine/layout.ts";
import { availableMemory, processors } from "../../system/environment.ts";
import type { ActContext } from "../context.ts";
import { openJobPool, poolSize, type JobPool } from "./jobserver.ts";

/** Whatever compiles waits for a slot of the pool; two more steps copy, strip, sign and compress meanwhile. `-j 1` is one thing after the other. */
export function stepsAtOnce({ jobs = processors() }: Pick<ActContext, "jobs">): number {
  return jobs === 1 ? 1 : jobs + 2;
}

/** Opens the pool for the builds of one plan; `close` must be called at its end. A number of 0 that the user gives (`-j 0`) stands for no limit. */
export function openPlanPool({ layout, jobs, tell }: Pick<ActContext, "layout" | "jobs" | "tell">): JobPool {
  if (jobs === 0) return openJobPool(0);
  const wanted = jobs ?? processors();
  const memory = availableMemory();
  const size = poolSize(wanted, memory);
  const warn = (bytes: number, what: string): void => {
    const text = `Memory is short (${Math.floor(bytes / 1024 ** 2)} MiB are free): ${what}.`;
    tell({ kind: "note", level: "warning", text });
  };
  if (memory !== undefined && size < wanted) warn(memory, `builds run ${size} at a time instead of ${wanted}`);
  return openJobPool(size, buildPlace(layout), {
    available: availableMemory,
    short: (bytes) => warn(bytes, "fewer jobs run until there is more"),
  });
}
