/** Tables of what was measured, in the page on speed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pageWith, readBenchRun, type BenchRun } from "./page.ts";

const machine = { processors: 2, processor: "A | B", memoryMiB: 24_105, node: "v20.20.2" };
const run: BenchRun = {
  format: 1,
  date: "2026-11-30",
  machine,
  runs: 5,
  rows: [
    {
      title: "zfs x 6.12",
      measure: "milliseconds",
      floor: 300_000,
      ours: 310_040,
      reference: 600_000,
      bars: [{ words: "of the same commands by hand", value: 1.033_46, atMost: 1.05 }],
    },
    {
      title: "memory",
      measure: "MiB",
      floor: undefined,
      ours: 300.4,
      reference: undefined,
      bars: [{ words: "MiB", value: 300.4, atMost: 250 }],
    },
  ],
};
const page = `# Speed

<!-- what was measured: written by scripts/speed.ts -->
old
<!-- end of what was measured -->

the rest
`;

test("each row with its machine, rounds and bars; a bar that is missed says so", () => {
  const text = pageWith(page, [run]);
  assert.match(text, "On 2 processors (A | B) with 24 GiB, Node v20.20.2:\n\n| what |");
  assert.match(
    text,
    "| zfs x 6.12 | 300.0 s | 310.0 s | 600.0 s | 1.033 of the same commands by hand, at most 1.05 | 5 | 2026-11-30 |",
  );
  assert.match(text, "| memory |  | 300 MiB |  | **missed**: 300.4 MiB, at most 250 | 5 | 2026-11-30 |");
  assert.not.match(text, "old");
  assert.ok(text.startsWith("# Speed\n") && text.endsWith("the rest\n"));
});

test("runs on one machine share a table, and the page can be written again", () => {
  const other = { ...run, machine: { ...machine, processors: 8 } };
  const text = pageWith(pageWith(page, [other]), [run, other, { ...run, runs: 1 }]);
  assert.is(text.split("| what |").length - 1, 2);
  assert.is(text.split("zfs x 6.12").length - 1, 3);
});

test("other files, and pages without a place, are refused", () => {
  for (const text of ["null", "{}", '{"format":2}']) assert.throws(() => readBenchRun(text));
  assert.is(readBenchRun(JSON.stringify(run)).rows[0]?.ours, 310_040);
  assert.throws(() => pageWith("# Speed\n", [run]));
});

test.run();
