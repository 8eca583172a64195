/** `dkms report`: the reports of the last transactions, as their hooks printed them. */
import { readReports } from "../../../observe/health/reports.ts";
import { writeDocument, writeLine } from "../../../system/output.ts";
import { reportLines } from "../../../tell/report/lines.ts";
import { reportsJson } from "../../../tell/report/json.ts";
import { usageError } from "../../frame/usage.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";

/** Prints the last report, or as many as `--last` says, the newest first; returns 1 when one of them tells of something wrong. */
export function runReport({ layout }: Settings, given: ParsedArguments): number {
  const reports = readReports(layout, countOf(given));
  const told = reports.map(({ time, report }) => ({ time, lines: reportLines(report) }));
  if (given.has("json")) writeDocument(reportsJson(reports));
  else if (reports.length === 0) writeLine("out", "There is no report: no transaction has concerned DKMS modules yet.");
  else {
    for (const { time, lines } of told) {
      writeLine("out", `Transaction of ${time}:`);
      if (lines.length === 0) writeLine("out", "Nothing was installed or removed, and nothing is wrong.");
      for (const { text } of lines) writeLine("out", text);
    }
  }
  return told.some(({ lines }) => lines.some(({ stream }) => stream === "err")) ? 1 : 0;
}

function countOf(given: ParsedArguments): number {
  const text = given.value("last") ?? "1";
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usageError(`--last needs a number of reports, not "${text}".`);
  return Number(text);
}
