/**
 * Makes the table of docs/reliability.md, and the totals in docs/how-it-was-tested.md, from rows that tests have added
 * to a file: `reliability.ts ROWS PAGE [WORDS]`. Rows of one kind are summed up; WORDS say on what the table was made.
 * Exits with status 1 when anything did not survive.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isReliabilityRow, reliabilityTable, type ReliabilityRow } from "../test/reliability-row.ts";

const [rowsFile = "", page = "", words = ""] = process.argv.slice(2);
const begin = "<!-- table: written by scripts/reliability -->\n";
const end = "<!-- end of table -->\n";

function readRows(path: string): readonly ReliabilityRow[] {
  const sums = new Map<string, ReliabilityRow>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const row: unknown = JSON.parse(line);
    if (!isReliabilityRow(row)) throw new Error(`${path} has a line that is no row: ${line}`);
    const key = JSON.stringify([row.what, row.fault]);
    const former = sums.get(key) ?? { ...row, tried: 0, survived: 0 };
    sums.set(key, { ...row, tried: former.tried + row.tried, survived: former.survived + row.survived });
  }
  return [...sums.values()];
}

const rows = readRows(rowsFile);
const text = readFileSync(page, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) throw new Error(`${page} has no place for a table`);
const table = `${words === "" ? "" : `${words}\n\n`}${reliabilityTable(rows)}`;
writeFileSync(page, `${text.slice(0, from)}${begin}\n${table}\n${text.slice(to)}`);
console.log(reliabilityTable(rows));
const tried = rows.reduce((sum, row) => sum + row.tried, 0);
const lost = rows.reduce((sum, row) => sum + row.tried - row.survived, 0);
const summary = join(dirname(page), "how-it-was-tested.md");
const totals = `${tried - lost} of ${tried} faults`;
writeFileSync(summary, readFileSync(summary, "utf8").replace(/\d+ of \d+ faults/, totals));
console.log(lost === 0 ? "Nothing was lost." : `${lost} were lost.`);
process.exitCode = lost === 0 && rows.length > 0 ? 0 : 1;
