/**
 * Makes the table of docs/reliability.md, and the totals in docs/how-it-was-tested.md, from rows that tests have added
 * to a file: `reliability.ts ROWS PAGE [all]`. Each row says on which day and with which version it was played. Rows of
 * the page that were not played again stay, unless `all` says that everything was. Exits with status 1 when anything did not survive.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  isReliabilityRow,
  parseReliabilityTable,
  reliabilityTable,
  sumUp,
  totalsOf,
  type ReliabilityRow,
} from "../test/reliability-row.ts";

const [rowsFile = "", page = "", extent = ""] = process.argv.slice(2);
const begin = "<!-- table: written by scripts/reliability -->\n";
const end = "<!-- end of table -->\n";

function readRows(path: string): readonly ReliabilityRow[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const row: unknown = JSON.parse(line);
      if (!isReliabilityRow(row)) throw new Error(`${path} has a line that is no row: ${line}`);
      return row;
    });
}

const text = readFileSync(page, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) throw new Error(`${page} has no place for a table`);
const former = extent === "all" ? [] : parseReliabilityTable(text.slice(from, to));
const played = readRows(rowsFile);
const rows = sumUp([...former, ...played]);
writeFileSync(page, `${text.slice(0, from)}${begin}\n${reliabilityTable(rows)}\n${text.slice(to)}`);
console.log(reliabilityTable(sumUp(played)));
const lost = rows.reduce((sum, row) => sum + row.tried - row.survived, 0);
const summary = join(dirname(page), "how-it-was-tested.md");
const { faults, texts } = totalsOf(rows);
const told = readFileSync(summary, "utf8").replace(/\d+ of \d+ faults/, faults);
writeFileSync(summary, told.replace(/\d+ of \d+\s+hostile\s+texts/, texts));
console.log(lost === 0 ? "Nothing was lost." : `${lost} were lost.`);
process.exitCode = lost === 0 && played.length > 0 ? 0 : 1;
