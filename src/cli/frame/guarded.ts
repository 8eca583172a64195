/** The outermost frame of every executable: errors become words and exit statuses, and nothing else than these leaves it. */
import { DkmsError } from "../../model/errors.ts";
import { takeUnexpected } from "../../system/files/unexpected.ts";
import { writeLine } from "../../system/output.ts";
import { errorLines, printable } from "../../tell/errors.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { projectVersion } from "../../model/project.ts";

/** The exit status of a bug of ours: EX_SOFTWARE in sysexits.h, which no program of ours means otherwise. */
const bugExitCode = 70;

/** Runs a program's main function; returns its exit status, whatever is thrown. A wrong command line is told where the help is. */
export async function guarded(help: string | (() => string), main: () => Promise<number>): Promise<number> {
  try {
    return await main();
  } catch (error) {
    if (error instanceof DkmsError) {
      tellError(error.code === "usage" ? withHelp(error, typeof help === "string" ? help : help()) : error);
      return exitCodeOf(error);
    }
    writeLine("err", `==> ERROR: dkms-alpm ${projectVersion} has a bug: ${String(error)}`);
    if (error instanceof Error && error.stack !== undefined) writeLine("err", error.stack);
    await import("./bug.ts").then(({ tellNode }) => tellNode()).catch(() => {});
    return bugExitCode;
  } finally {
    for (const sentence of takeUnexpected()) writeLine("err", `==> WARNING: ${printable(sentence)}`);
  }
}

/** Writes an error to stderr. */
export function tellError(error: DkmsError): void {
  const [first = "", ...rest] = errorLines(error);
  writeLine("err", `==> ERROR: ${first}`);
  for (const line of rest) writeLine("err", `  -> ${line}`);
}

function withHelp({ code, message, facts }: DkmsError, program: string): DkmsError {
  const hint = facts.hint === undefined ? `See ${program} --help.` : `${facts.hint} See ${program} --help.`;
  return new DkmsError(code, message, { ...facts, hint });
}
