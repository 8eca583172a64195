/** Shows a text through the user's pager, where there is a terminal; else it is printed. */
import { spawnSync } from "node:child_process";
import { isTerminal } from "./colours.ts";
import { childEnvironment, callerEnvironment } from "./environment.ts";
import { write } from "./output.ts";

/** Shows the text; a pager that cannot be started is no reason not to see it. */
export function showText(text: string): void {
  const [program = "less", ...words] = (callerEnvironment()["PAGER"] ?? "less")
    .split(/\s+/)
    .filter((word) => word !== "");
  if (!isTerminal(1) || program === "cat") {
    write("out", text);
    return;
  }
  // Nobody gets a shell out of it by way of a log (LESSSECURE).
  const less = { LESS: "FRX", LESSSECURE: "1", LESSCHARSET: "utf-8" };
  const { error, status } = spawnSync(program, words, {
    input: text,
    stdio: ["pipe", "inherit", "inherit"],
    env: childEnvironment(less),
  });
  if (error !== undefined && status === null && "code" in error && error.code === "ENOENT") write("out", text);
}
