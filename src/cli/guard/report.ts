/** What the inner process of a test tells the outer one: a line for each thing, as soon as it is known. */
import type { PairVerdict, Rehearsal } from "../../model/guard/guard.ts";
import type { Pair } from "../../model/pair.ts";
import { appendText } from "../../system/files/file-changes.ts";
import { readText } from "../../system/files/files.ts";
import { decode, encode } from "./wire.ts";

/** One line. */
export type GuardMessage =
  | { readonly kind: "machine"; readonly machine: NonNullable<Rehearsal["machine"]> }
  | { readonly kind: "planned"; readonly pairs: readonly Pair[] }
  | { readonly kind: "verdict"; readonly verdict: PairVerdict }
  | { readonly kind: "obstacle"; readonly why: string }
  | { readonly kind: "end" };

/** Adds a line. */
export function writeMessage(path: string, message: GuardMessage): void {
  appendText(path, `${encode(message)}\n`);
}

/** All whole lines. */
export function readMessages(path: string): readonly GuardMessage[] {
  const lines = (readText(path) ?? "").split("\n").slice(0, -1);
  return lines.map((line) => decode(line) as GuardMessage);
}
