/** `dkms-guard`: the program of the hooks that run before a transaction. */
import { silence } from "../../system/output.ts";
import { runProgram } from "../frame/program.ts";
import { guardProgram, refusal } from "./options.ts";

/** Runs `dkms-guard` with the words after its name; returns `refusal`, or anything else when the transaction may go on. */
export async function guard(argv: readonly string[]): Promise<number> {
  const judged: { result: "refused" | "passed" | number } = { result: "passed" };
  const status = await runProgram(guardProgram, argv, async (given) => {
    if (given.has("quiet")) silence("out");
    const { judge } = await import("./begin.ts");
    judged.result = await judge(argv, {
      isRemoval: given.has("removal"),
      isDryRun: given.has("dry-run"),
      isVerbose: given.has("verbose"),
    });
    return typeof judged.result === "number" ? judged.result : 0;
  });
  if (judged.result === "refused") return refusal;
  return status === refusal ? 1 : status;
}
