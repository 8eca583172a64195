/** Stamps: for every built pair, what it was built from and what became of it. They lie outside the dkms tree, which stays the reference's. */
import { dirname } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { stampFile } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import type { Freshness } from "../../model/machine/world.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { removeTree } from "../../system/writing/file-changes.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind } from "../../system/files/files.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";
import type { InputDigests } from "./inputs.ts";
import type { PlacedObject } from "../objects/placed-objects.ts";
import type { RememberedConf } from "./remembered-confs.ts";

/** The content of a stamp file, as JSON. */
export interface Stamp {
  readonly format: 1;
  readonly index: string;
  readonly content: string;
  /** What the build could read beyond source and headers, as `inputsBeyond` has found it. */
  readonly beyond?: readonly string[] | undefined;
  /** What the conf said, where that can be had again without evaluating it. */
  readonly conf?: RememberedConf | undefined;
  /** The installed objects as they were put in place. */
  readonly placed?: readonly PlacedObject[];
  /** The kernel's own module that was found to be newer or the same, so that the pair was not installed. */
  readonly yielded?: { readonly path: string; readonly identity: string };
}

/** The stamp of a pair; undefined when there is none, or none that this version understands. */
export function readStamp(layout: Layout, pair: Pair): Stamp | undefined {
  const text = readText(stampFile(layout, pair));
  if (text === undefined) return undefined;
  try {
    const stamp: unknown = JSON.parse(text);
    return isStamp(stamp) ? stamp : undefined;
  } catch {
    return undefined;
  }
}

/** Compares a stamp with what the inputs are now. */
export function freshness(stamp: Stamp | undefined, digests: InputDigests): Freshness {
  if (stamp === undefined) return "unknown";
  if (stamp.index === digests.index) return "current";
  return stamp.content === digests.content() ? "current" : "changed";
}

/** Remembers what a pair has been built from. */
export function writeStamp(layout: Layout, pair: Pair, digests: InputDigests, conf: RememberedConf | undefined): void {
  const { index, beyond } = digests;
  write(layout, pair, {
    format: 1,
    index,
    content: digests.content(),
    ...(beyond.length === 0 ? {} : { beyond }),
    conf,
  });
}

/** Notes that a build has begun: whatever result is there when nobody has ended it, it fits no inputs. */
export function beginStamp(layout: Layout, pair: Pair): void {
  write(layout, pair, { format: 1, index: "begun", content: "begun" });
}

/** Remembers where the objects of a pair have been put; nothing happens to a pair without a stamp. */
export function stampPlaced(layout: Layout, pair: Pair, placed: readonly PlacedObject[]): void {
  const stamp = readStamp(layout, pair);
  if (stamp === undefined) return;
  const { yielded: _, ...rest } = stamp;
  write(layout, pair, { ...rest, placed });
}

/** Remembers that a pair was not installed, since the kernel has the module itself at this path. */
export function stampYielded(layout: Layout, pair: Pair, path: string): void {
  const stamp = readStamp(layout, pair);
  const identity = identityLine(path);
  if (stamp !== undefined && identity !== undefined) write(layout, pair, { ...stamp, yielded: { path, identity } });
}

/** The kernel's own module that a pair was not installed for, while it is still the same file. */
export function yieldedTo({ yielded }: Stamp): string | undefined {
  return yielded !== undefined && identityLine(yielded.path) === yielded.identity ? yielded.path : undefined;
}

function write(layout: Layout, pair: Pair, stamp: Stamp): void {
  const path = stampFile(layout, pair);
  clearUnfinishedFiles(dirname(path));
  // Below our own state nobody else has anything: what is no file there is in the way.
  if (fileKind(path) === "directory") removeTree(path);
  // Lost in a crash, it is a pair that is built once more.
  writeExpendable(path, `${JSON.stringify(stamp)}\n`);
}

function isStamp(value: unknown): value is Stamp {
  if (typeof value !== "object" || value === null) return false;
  const { format, index, content, beyond, conf, placed, yielded } = value as Partial<Record<keyof Stamp, unknown>>;
  return (
    format === 1 &&
    typeof index === "string" &&
    typeof content === "string" &&
    (beyond === undefined || (Array.isArray(beyond) && beyond.every((path) => typeof path === "string"))) &&
    (conf === undefined || typeof conf === "object") &&
    (placed === undefined || Array.isArray(placed)) &&
    (yielded === undefined || (typeof yielded === "object" && yielded !== null))
  );
}
