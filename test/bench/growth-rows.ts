/** Rows for machines far larger than any: what is looked at for every pair must grow with their number, and no faster. */
import { join } from "node:path";
import { buildLayOut } from "./laid-out.ts";
import { laidMachines, type LaidMachines } from "./laid-machines.ts";
import { measure, type Measured } from "./measure.ts";
import { peakOf } from "./peak.ts";
import type { Bar, Row } from "./row.ts";

/** Modules and kernels: a thousand pairs first, to compare with. */
const scenes = [
  [200, 5],
  [2000, 5],
  [10, 1000],
] as const;

/** What anybody waits for, and whether it is told the kernels on stdin, as pacman tells a hook. */
const commands: Readonly<Record<string, readonly string[]>> = {
  "dkms status": ["dkms", "status"],
  "install hook, all up to date": ["/usr/lib/dkms-alpm/bin/dkms-install"],
  "dkms autoinstall --dry-run for one kernel": ["dkms", "autoinstall", "--dry-run", "-k", "6.1.1-arch1-1"],
  "dkms doctor": ["dkms", "doctor"],
  "dkms prune --dry-run": ["dkms", "prune", "--dry-run"],
};

/** Bars: for a command, for ten times the pairs, for its own process. */
const [longest, steepest, largest] = [5000, 12, 250];

/** Measures them in machines of their own; `folder` is for files that are needed meanwhile. */
export async function growthRows(folder: string, rounds: number): Promise<readonly Row[]> {
  const program = join(folder, "lay-out.mjs");
  await buildLayOut(program);
  const machines = await laidMachines(program);
  try {
    const rows: Row[] = [];
    const few = new Map<string, number>();
    for (const [modules, kernels] of scenes) {
      console.error(`laying out ${modules} modules x ${kernels} kernels`);
      await machines.lay(modules, kernels);
      for (const [name, argv] of Object.entries(commands)) {
        const { wall, peak } = await figuresOf(machines, argv, rounds);
        const fewer = few.get(name);
        if (fewer === undefined) few.set(name, wall);
        const title = `${name}, ${modules} modules x ${kernels} kernels`;
        const times: Bar[] =
          fewer === undefined ? [] : [{ words: "times that of 1,000 pairs", value: wall / fewer, atMost: steepest }];
        const bars = [
          { words: "ms", value: wall, atMost: longest },
          ...times,
          { words: "MiB", value: peak, atMost: largest },
        ];
        rows.push({ title, measure: "milliseconds", floor: undefined, ours: wall, reference: undefined, bars });
      }
    }
    return rows;
  } finally {
    await machines.dispose();
  }
}

/** Wall time in milliseconds, and the most memory of its own process in MiB. */
async function figuresOf(
  { ours }: LaidMachines,
  argv: readonly string[],
  rounds: number,
): Promise<{ wall: number; peak: number }> {
  const targets = ours.list("/usr/lib/modules").map((release) => `usr/lib/modules/${release}/modules.order\n`);
  const input = targets.join("");
  const { mebibytes } = await peakOf(ours, argv, input);
  // Of a made-up machine doctor has something to say: depmod knows nothing of its objects.
  const status = argv.includes("doctor") ? 1 : 0;
  const command: Measured = { run: (words, options) => ours.run(words, options), argv, input, timeout: 600, status };
  const { measured } = await measure({ measured: command }, rounds);
  return { wall: measured.wall, peak: mebibytes };
}
