/** Writes what was measured into docs/speed.md: `speed.ts FILE...`, files of `scripts/bench --json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pageWith, readBenchRun } from "../test/bench/page.ts";

const page = join(import.meta.dirname, "../docs/speed.md");
const runs = process.argv.slice(2).map((file) => readBenchRun(readFileSync(file, "utf8")));
writeFileSync(page, pageWith(readFileSync(page, "utf8"), runs));
