/** Reads which modules packages bring to kernels ready-made. */
import { join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { sameKernel, type KernelId } from "../../model/pair.ts";
import {
  noteName,
  parseNote,
  supplyDirectory,
  supplyKey,
  type ClaimedSupply,
  type Supply,
} from "../../model/packaging/supply.ts";
import { noteUnexpected } from "../../system/files/unexpected.ts";
import { programDigest } from "../stamps/program-digests.ts";
import { readText } from "../../system/files/content.ts";
import { listDirectory, targetKind } from "../../system/files/files.ts";

/**
 * The supplies of some kernels by `supplyKey`. A note is believed when it is for its kernel and its objects are there as it describes them; otherwise the
 * module is not there, and the note is noted as unexpected.
 */
export function readSupplies(layout: Layout, kernels: readonly KernelId[]): ReadonlyMap<string, Supply> {
  const found = new Map<string, Supply>();
  for (const kernel of kernels) {
    const directory = supplyDirectory(layout, kernel.release);
    for (const name of listDirectory(directory)) {
      if (!name.endsWith(".json")) continue;
      const claimed = parseNote(readText(join(directory, name)) ?? "");
      const fault = claimed === undefined ? "it names no objects with digests" : faultOf(layout, kernel, name, claimed);
      if (claimed === undefined || fault !== undefined) {
        noteUnexpected(`The note ${join(directory, name)} of a prebuilt module is ignored: ${fault}.`);
        continue;
      }
      const { sha256: _, ...supply } = claimed;
      found.set(supplyKey(supply.pair.module.name, kernel), supply);
    }
  }
  return found;
}

/** What is not as a note says, in words. */
function faultOf(layout: Layout, kernel: KernelId, note: string, claimed: ClaimedSupply): string | undefined {
  const { module, kernel: meant } = claimed.pair;
  if (note !== noteName(module.name)) return `it is about ${module.name}`;
  if (!sameKernel(meant, kernel)) return `it is about kernel ${meant.release} (${meant.arch})`;
  for (const object of claimed.objects) {
    const path = join(supplyDirectory(layout, kernel.release), object);
    if (targetKind(path) !== "file") return `${object} is missing`;
    if (programDigest(layout, path) !== claimed.sha256[object]) return `${object} is not the file that it describes`;
  }
  return undefined;
}
