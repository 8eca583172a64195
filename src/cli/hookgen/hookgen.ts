/** `dkms-hookgen`: its command line. */
import { runProgram } from "../frame/program.ts";
import { hookgenArguments, hookgenProgram } from "./options.ts";

/** Runs `dkms-hookgen` with the words after its name; returns 0, 1 when a file was refused or has an error, 2 for a wrong command line. */
export function hookgen(argv: readonly string[]): Promise<number> {
  return runProgram(hookgenProgram, argv, async (options) => {
    const given = hookgenArguments(options);
    const { runHookgen } = await import("./run.ts");
    return runHookgen(given);
  });
}
