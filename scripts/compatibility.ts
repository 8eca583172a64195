/**
 * Writes docs/compatibility.md: `compatibility.ts ROWS [PACKAGE...]`. ROWS is the file that `$DKMS_ALPM_COMPATIBILITY` named when
 * test/e2e/newest/modules.long.test.ts ran; the packages are all that there are, so that the page can say which were not tried.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compatibilityPage, readCompatibilityRow } from "../test/compatibility-row.ts";

const [rows = "", ...packages] = process.argv.slice(2);
const lines = readFileSync(rows, "utf8").split("\n");
const read = lines.filter((line) => line !== "").map((line) => readCompatibilityRow(line));
writeFileSync(join(import.meta.dirname, "../docs/compatibility.md"), compatibilityPage(read, packages));
