/** `dkms-report`: its command line. */
import { silence } from "../../system/output.ts";
import { runProgram } from "../frame/program.ts";
import { reportProgram } from "./report-options.ts";

/** Runs `dkms-report` with the words after its name; returns its exit status. */
export function report(argv: readonly string[]): Promise<number> {
  return runProgram(reportProgram, argv, async (given) => {
    if (given.has("quiet")) silence("out");
    const { runReport } = await import("./report-run.ts");
    return runReport(given);
  });
}
