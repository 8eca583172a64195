import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const program = resolve(import.meta.dirname, "../../dist/bin/dkms");

/** What `dkms` writes for a command line that it refuses; `script` gives it a terminal. */
function refusal(to: "terminal" | "pipe", environment: Readonly<Record<string, string>> = {}): string {
  const command = `${process.execPath} ${program} frobnicate`;
  const env = { PATH: "/usr/bin:/bin", TERM: "xterm", ...environment };
  const words = to === "terminal" ? ["script", "-qec", command, "/dev/null"] : ["sh", "-c", `${command} 2>&1`];
  const { stdout } = spawnSync(words[0] ?? "", words.slice(1), { encoding: "utf8", env, input: "" });
  assert.match(stdout, "frobnicate");
  return stdout;
}

test("marks have colours on a terminal", () => {
  assert.match(refusal("terminal"), /\u001b\[1m\u001b\[31m==> ERROR:\u001b\[0m Unknown command/);
});

for (const [what, text] of [
  ["a pipe", () => refusal("pipe")],
  ["NO_COLOR", () => refusal("terminal", { NO_COLOR: "1" })],
  ["a terminal that knows none", () => refusal("terminal", { TERM: "dumb" })],
] as const) {
  test(`none with ${what}`, () => {
    assert.match(text(), /^==> ERROR: Unknown command/);
    assert.not.match(text(), "\u001b");
  });
}

test.run();
