/** `dkms-report`: the last words of a transaction, from what its hooks have reported. */
import { defaultLayout, transactionReportFile } from "../../model/machine/layout.ts";
import { projectVersion } from "../../model/project.ts";
import { parseReport } from "../../model/health/transaction-report.ts";
import { readText } from "../../system/files/files.ts";
import { write, writeLine } from "../../system/output.ts";
import { lastWords } from "../../tell/transaction-report.ts";
import { unfinishedLines } from "../../tell/unfinished.ts";
import { guarded, usageError } from "../frame/guarded.ts";
import { helpText } from "../frame/option-table.ts";
import { reportProgram } from "./report-options.ts";
import { areTargetsSaved } from "../walk/saved-targets.ts";
import { transactionId } from "./transaction-id.ts";

/** Prints the last words; `--last` those of whatever transaction was last. Returns 1 when something in it went wrong, in a transaction always 0. */
export function report(argv: readonly string[]): Promise<number> {
  return guarded(async () => {
    const [word] = argv;
    if (word === "--help" || word === "-h") return answer(helpText(reportProgram));
    if (word === "--version" || word === "-V") return answer(`dkms-report ${projectVersion}\n`);
    if (word !== undefined && word !== "--last") throw usageError(`Unknown option: ${word}`);
    const found = parseReport(readText(transactionReportFile(defaultLayout)) ?? "");
    const isMeant = found !== undefined && (word === "--last" || found.transaction === transactionId());
    const told = isMeant ? lastWords(found) : [];
    // While something is unfinished, no word that all is well.
    const lines = areTargetsSaved() ? [...told.filter(({ stream }) => stream === "err"), ...unfinishedLines] : told;
    for (const { stream, text } of lines) writeLine(stream, text);
    const isBad = lines.some(({ stream }) => stream === "err");
    // In a transaction everything has been told; another failed hook would only add to the noise.
    return isBad && word === "--last" ? 1 : 0;
  });
}

function answer(text: string): number {
  write("out", text);
  return 0;
}
