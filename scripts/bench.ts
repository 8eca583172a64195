/** Measures this program beside the reference (Debian's dkms), bare Node and bare makes, in disposable machines and in one run. Started by scripts/bench. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildRows, usualModules } from "../test/bench/build-rows.ts";
import { laidMachines } from "../test/bench/laid-machines.ts";
import { buildLayOut } from "../test/bench/laid-out.ts";
import { quickRows } from "../test/bench/quick-rows.ts";
import { barLines, tableLines, verdict, type Row } from "../test/bench/row.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    runs: { type: "string" },
    modules: { type: "string", default: usualModules },
    json: { type: "string" },
  },
});

/** Rounds of what takes seconds and more; commands that take milliseconds get three times as many. */
const runs = Number(values.runs ?? 5);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: a number from 1 on is needed`);

const machine = {
  processors: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
  memoryMiB: Math.round(totalmem() / 1024 ** 2),
  node: process.version,
};
const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-bench-"));
const rows: Row[] = [];
try {
  await buildLayOut(join(folder, "lay-out.mjs"));
  const machines = await laidMachines(join(folder, "lay-out.mjs"));
  try {
    if (!values.long) await tell(quickRows(machines, { quick: 3 * runs, slow: runs }));
    if (!values.quick) await tell(buildRows(machines, { modules: values.modules.split(" "), rounds: runs }));
  } finally {
    await machines.dispose();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log("");
for (const line of tableLines(rows)) console.log(line);
const { processors, processor, memoryMiB, node } = machine;
console.log(
  `\nMedians of ${runs} alternating rounds. ${processors} processors (${processor}), ${memoryMiB} MiB, Node ${node}.`,
);
if (values.json !== undefined) {
  const judged = rows.map((row) => ({ ...row, bars: row.bars.map((bar) => ({ ...bar, verdict: verdict(bar) })) }));
  writeFileSync(values.json, `${JSON.stringify({ format: 1, machine, runs, rows: judged }, undefined, 2)}\n`);
}

async function tell(found: AsyncIterable<Row>): Promise<void> {
  for await (const row of found) {
    rows.push(row);
    console.log(JSON.stringify(row));
    for (const line of barLines(row)) console.log(line);
  }
}
