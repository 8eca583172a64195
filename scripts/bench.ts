/** Measures this program beside the reference (Debian's dkms), bare Node and bare makes, in disposable machines and in one run. Started by scripts/bench. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildRows, usualModules } from "../test/bench/build-rows.ts";
import { growthRows } from "../test/bench/growth-rows.ts";
import { laidMachines } from "../test/bench/laid-machines.ts";
import { buildLayOut } from "../test/bench/laid-out.ts";
import { largeRows } from "../test/bench/large-rows.ts";
import { quickRows } from "../test/bench/quick-rows.ts";
import { barLines, tableLines, verdict, type Row } from "../test/bench/row.ts";
import { thisMachine } from "../test/bench/this-machine.ts";
import { transactionRow } from "../test/bench/transaction-row.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    runs: { type: "string" },
    modules: { type: "string", default: usualModules },
    row: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    keep: { type: "string" },
  },
});

/** Rounds of what takes seconds and more; commands that take milliseconds get three times as many. */
const runs = Number(values.runs ?? 5);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: a number from 1 on is needed`);

/** Rows that are measured alone, since each takes up to an hour. */
const lone = ["growth", "transaction", ...Object.keys(largeRows)];
const unknown = values.row.find((name) => !lone.includes(name));
if (unknown !== undefined) throw new Error(`--row ${unknown}: the rows that can be chosen are ${lone.join(", ")}`);
const chosen = values.row.length === 0 && values.long ? lone : values.row;

const machine = thisMachine();
const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-bench-"));
const rows: Row[] = [];
try {
  if (values.row.length === 0) await tellAll();
  for (const name of chosen) {
    for (const row of await loneRows(name)) tellRow(row);
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
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(values.json, `${JSON.stringify({ format: 1, date, machine, runs, rows: judged }, undefined, 2)}\n`);
}

async function tellAll(): Promise<void> {
  await buildLayOut(join(folder, "lay-out.mjs"));
  const machines = await laidMachines(join(folder, "lay-out.mjs"));
  try {
    if (!values.long) await tell(quickRows(machines, { quick: 3 * runs, slow: runs }));
    if (!values.quick) await tell(buildRows(machines, { modules: values.modules.split(" "), rounds: runs }));
  } finally {
    await machines.dispose();
  }
}

/** Which generation of software a machine has is settled when a process begins: those of the newest have one of their own. */
async function loneRows(name: string): Promise<readonly Row[]> {
  if (name === "growth") return growthRows(folder, runs);
  if (name === "transaction") return [await transactionRow({ modules: values.modules.split(" "), rounds: runs })];
  const file = join(folder, `${name}.json`);
  const program = join(import.meta.dirname, "../test/bench/large-row.ts");
  const kept = values.keep === undefined ? [] : [resolve(values.keep, `${name}.json`)];
  const child = spawn(process.execPath, ["--import", "tsx", program, name, String(runs), file, ...kept], {
    stdio: "inherit",
    env: { ...process.env, DKMS_ALPM_TEST_MACHINE: "newest" },
  });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error(`the row ${name} could not be measured (status ${status})`);
  return JSON.parse(readFileSync(file, "utf8")) as Row[];
}

async function tell(found: AsyncIterable<Row>): Promise<void> {
  for await (const row of found) tellRow(row);
}

function tellRow(row: Row): void {
  rows.push(row);
  console.log(JSON.stringify(row));
  for (const line of barLines(row)) console.log(line);
}
