/** Asks `dkms check` in a machine, and what must not change by that. */
import * as assert from "uvu/assert";
import type { Machine } from "../machine.ts";

/** What tests read of an answer. */
export interface Answer {
  readonly status: number;
  readonly verdict: "fine" | "breaks" | "nothing" | "unknown";
  readonly refused: boolean;
  readonly kernels: readonly {
    readonly kernel: string;
    readonly incoming: boolean;
    readonly headers: boolean;
    readonly modules: readonly { readonly module: string; readonly version: string; readonly result: string }[];
  }[];
  readonly findings: readonly { readonly kind: string; readonly why: string; readonly log: string | null }[];
  readonly ignore: readonly string[];
  readonly newer: readonly { readonly name: string; readonly version: string }[];
  readonly doubts: readonly string[];
}

/** Puts a user into the machine; the words that run a command as that user. */
export async function addAnn(machine: Machine): Promise<readonly string[]> {
  await machine.need(["useradd", "--create-home", "ann"]);
  return ["setpriv", "--reuid", "ann", "--regid", "ann", "--clear-groups", "env", "HOME=/home/ann"];
}

/** The answer as a document, which must come with the exit status that it names. */
export async function ask(
  machine: Machine,
  words: readonly string[] = [],
  who: readonly string[] = [],
): Promise<Answer> {
  const result = await machine.run([...who, "dkms", "check", "--json", ...words], { timeout: 100 });
  const answer = JSON.parse(result.stdout) as Answer;
  assert.is(result.status, answer.status, result.output);
  return answer;
}

/** What no check may change. */
const untouched = "/var/lib/pacman /var/lib/dkms /usr/lib/modules /usr/src /etc/pacman.conf /etc/pacman.d".split(" ");

/** A line for every file there. */
export function listing(machine: Machine): Promise<string> {
  return machine.need(["find", ...untouched, "-printf", "%y %m %p %l %s %T@\n"]);
}
