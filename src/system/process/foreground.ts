/** Programs that talk to the user themselves, and questions of our own. */
import { spawnSync } from "node:child_process";
import { readSync } from "node:fs";
import { childEnvironment } from "../environment.ts";
import { write } from "../output.ts";

/** Runs a program with our own streams; returns its exit status, 127 when it cannot be started. */
export function runInForeground([program, ...words]: readonly [string, ...string[]]): number {
  const { status } = spawnSync(program, words, { stdio: "inherit", env: childEnvironment() });
  return status ?? 127;
}

/** Asks a question that is answered with yes or no; no answer is no. */
export function ask(question: string): boolean {
  write("out", `${question} [y/N] `);
  const bytes = Buffer.alloc(256);
  try {
    return /^y(es)?\s*$/i.test(bytes.toString("utf8", 0, readSync(0, bytes)));
  } catch {
    return false;
  }
}
