/** A run that is played: three modules of which one fails, shown as any other. Each line on stdin lets it go on. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { LiveOutput } from "../../../src/cli/frame/live-output.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { defaultLayout } from "../../../src/model/machine/layout.ts";
import type { Ending } from "../../../src/model/run/outcome.ts";
import type { Step } from "../../../src/model/run/plan.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-live-"));
const layout = { ...defaultLayout, logs: `${folder}/logs` };
const linux = { ...kernel("6.6.2-arch1-1"), pkgbase: "linux", modules: "present", headers: "/x" } as const;
const pairs = ["zfs/2.2.2", "nvidia/550.120", "broken/1.0"].map((module) => ({
  module: moduleId(module),
  kernel: kernel("6.6.2-arch1-1"),
}));
const planned = (step: Step) => ({ step, reason: "", needs: [], after: [] });
const steps = pairs.flatMap((pair) => [
  planned({ kind: "build", pair }),
  planned({ kind: "install", pair, replaces: [], yields: false }),
]);

const output = new LiveOutput({ plan: { steps, findings: [] }, layout, kernels: [linux], verbosity: "normal" });
const log = (index: number): string => join(folder, `${index}.log`);
const phase = (index: number, name: "preparing" | "compiling" | "finishing"): void => {
  const pair = pairs[index];
  if (pair !== undefined) output.event({ kind: "phase", pair, phase: name, log: log(index), source: folder });
};
const end = (index: number, kind: "build" | "install", ending: Ending): void => {
  const at = index * 2 + (kind === "build" ? 0 : 1);
  const step = steps[at];
  if (step !== undefined) {
    output.event({ kind: "ended", outcome: { index: at, planned: step, ending, seconds: 12 } });
  }
};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const go = (): Promise<unknown> => lines.next();

for (const index of [0, 1, 2]) {
  phase(index, "preparing");
  phase(index, "compiling");
  appendFileSync(log(index), "  CC [M]  a.o\n".repeat(7 + index));
}
await go();
end(1, "build", { kind: "done", origin: "build" });
end(1, "install", { kind: "done" });
await go();
const error = new DkmsError("make-failed", "Building broken/1.0 for 6.6.2-arch1-1 (x86_64) failed.", {
  log: "/var/log/x",
});
end(2, "build", { kind: "failed", error });
phase(0, "finishing");
await go();
end(0, "build", { kind: "done", origin: "build" });
end(0, "install", { kind: "done" });
output.close();
rmSync(folder, { recursive: true });
process.stdin.destroy();
