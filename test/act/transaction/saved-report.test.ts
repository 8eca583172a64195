/** Reports of transactions: which one is the last. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { saveReport } from "../../../src/act/transaction/saved-report.ts";
import type { TransactionReport } from "../../../src/model/health/transaction-report.ts";
import { movedLayout, reportsDirectory } from "../../../src/model/machine/layout.ts";
import { readReports } from "../../../src/observe/health/reports.ts";

const directory = mkdtempSync(join(tmpdir(), "dkms-alpm-reports-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const layout = movedLayout({ dkmsTree: directory });
const report = (transaction: string, message: string): TransactionReport => ({
  format: 1,
  transaction,
  pairs: [],
  problems: [{ message }],
});

test("after the clock was set back, the last report is still the one that was saved last", () => {
  const place = reportsDirectory(layout);
  mkdirSync(place, { recursive: true });
  for (let count = 0; count < 10; count += 1) {
    writeFileSync(join(place, `29990101T000000Z-00${count}.json`), JSON.stringify(report(`old:${count}`, "")));
  }
  saveReport(layout, report("now:1", "one"));
  saveReport(layout, report("now:1", "two"));
  saveReport(layout, report("now:2", "three"));
  const [last, before] = readReports(layout, 2).map((kept) => kept.report);
  assert.equal([last?.transaction, last?.problems], ["now:2", [{ message: "three" }]]);
  assert.equal([before?.transaction, before?.problems], ["now:1", [{ message: "one" }, { message: "two" }]]);
  assert.is(readdirSync(place).length, 10);
});

test("reports of one second are in order", () => {
  for (let count = 0; count < 12; count += 1) saveReport(layout, report(`fast:${count}`, String(count)));
  assert.equal(
    readReports(layout, 3).map((kept) => kept.report.transaction),
    ["fast:11", "fast:10", "fast:9"],
  );
});

test.run();
