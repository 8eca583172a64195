/** Errors as values that can be passed from one process to another. */
import type { DkmsError } from "../errors.ts";
import type { ErrorReport } from "./guard.ts";

/** The error without its stack. */
export function errorReportOf({ code, message, facts }: DkmsError): ErrorReport {
  return { code, message, facts };
}
