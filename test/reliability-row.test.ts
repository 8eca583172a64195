/** Rows of docs/reliability.md: what is added comes back, and nothing else is taken for a row. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  countedAs,
  isReliabilityRow,
  parseReliabilityTable,
  reliabilityRow,
  reliabilityTable,
  sumUp,
} from "./reliability-row.ts";

const rows = [
  { what: "install hook", fault: "killed", tried: 120, survived: 120 },
  { what: "remove hook", fault: "ENOSPC", tried: 7, survived: 6 },
];

test("what throws counts as one try that was lost, and is thrown on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reliability-row-"));
  const path = join(folder, "rows");
  const former = process.env["DKMS_ALPM_RELIABILITY"];
  process.env["DKMS_ALPM_RELIABILITY"] = path;
  try {
    const row = { what: "texts", fault: "hostile", tried: 9 };
    await countedAs(row, () => {});
    const thrown = await countedAs(row, () => Promise.reject(new Error("read badly"))).catch(String);
    assert.is(thrown, "Error: read badly");
    const found = readFileSync(path, "utf8").trim().split("\n");
    assert.equal(
      found.map((line) => JSON.parse(line) as unknown),
      [
        { ...row, survived: 9 },
        { ...row, tried: 1, survived: 0 },
      ],
    );
  } finally {
    if (former === undefined) delete process.env["DKMS_ALPM_RELIABILITY"];
    else process.env["DKMS_ALPM_RELIABILITY"] = former;
    rmSync(folder, { recursive: true });
  }
});

test("rows are added to the file that the environment names", () => {
  const folder = mkdtempSync(join(tmpdir(), "reliability-row-"));
  const path = join(folder, "rows");
  const former = process.env["DKMS_ALPM_RELIABILITY"];
  try {
    delete process.env["DKMS_ALPM_RELIABILITY"];
    delete process.env["DKMS_ALPM_PLAYED"];
    for (const row of rows) reliabilityRow(row);
    process.env["DKMS_ALPM_RELIABILITY"] = path;
    for (const row of rows) reliabilityRow(row);
    const found: unknown[] = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    assert.equal(found, rows);
    assert.ok(found.every(isReliabilityRow));
  } finally {
    if (former === undefined) delete process.env["DKMS_ALPM_RELIABILITY"];
    else process.env["DKMS_ALPM_RELIABILITY"] = former;
    rmSync(folder, { recursive: true });
  }
});

for (const value of [undefined, null, 1, {}, { ...rows[0], tried: "1" }, { ...rows[0], survived: 0.5 }]) {
  test(`${JSON.stringify(value)} is no row`, () => assert.not.ok(isReliabilityRow(value)));
}

test("the table ends with the sum", () => {
  assert.is(
    reliabilityTable(rows),
    `| what         | fault  | tried | survived |
| ------------ | ------ | ----: | -------: |
| install hook | killed |   120 |      120 |
| remove hook  | ENOSPC |     7 |        6 |
| all          |        |   127 |      126 |
`,
  );
});

const dated = rows.map((row, index) => ({ ...row, played: `2026-11-2${index}, 0a1b2c${index}` }));

test("the table with days comes back as rows, without the sum", () => {
  assert.equal(parseReliabilityTable(reliabilityTable(dated)), dated);
});

test("rows of one version are summed up, and take the place of those of another one", () => {
  const [first, second] = dated;
  if (first === undefined || second === undefined) throw new Error("there are two rows");
  const later = { ...first, played: "2026-11-30, fffffff", tried: 5, survived: 4 };
  assert.equal(sumUp([first, second, later, later]), [{ ...later, tried: 10, survived: 8 }, second]);
});

test.run();
