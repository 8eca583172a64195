/** What the message of a bug says of Node.js; loaded with the first bug only. */
import { nodeNote } from "../../decide/doctor/node.ts";
import { nodeVersion } from "../../system/node-version.ts";
import { writeLine } from "../../system/output.ts";

/** Writes the version of Node.js to stderr, and whether it is too old: then the bug may not be ours. */
export function tellNode(): void {
  writeLine("err", `  -> ${nodeNote(nodeVersion())}`);
}
