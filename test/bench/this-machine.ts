/** What a figure of the benchmark says nothing without: the machine that it was measured on. */
import { availableParallelism, cpus, totalmem } from "node:os";

/** As `scripts/bench --json` has it. */
export interface BenchMachine {
  readonly processors: number;
  readonly processor: string;
  readonly memoryMiB: number;
  readonly node: string;
}

/** The machine that this runs on. */
export function thisMachine(): BenchMachine {
  return {
    processors: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryMiB: Math.round(totalmem() / 1024 ** 2),
    node: process.version,
  };
}
