/** Stamps: for every built pair, what it was built from and what became of it. They lie outside the dkms tree, which stays the reference's. */
import type { Layout } from "../../model/machine/layout.ts";
import { stampFile } from "../../model/machine/layout.ts";
import type { PlacedObject } from "../../model/machine/placed-object.ts";
import type { Pair } from "../../model/pair.ts";
import type { Freshness } from "../../model/machine/world.ts";
import { readText } from "../../system/files/content.ts";
import type { InputDigests } from "./inputs.ts";
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
  /** Objects that were not installed with the others, each for a module of the kernel's own that is newer or the same. */
  readonly refused?: readonly (OwnModule & { readonly name: string })[];
  /** The kernel's own module that was found to be newer or the same, so that the pair was not installed. */
  readonly yielded?: OwnModule;
}

/** A module of the kernel's own that stays, and the identity that its file had. */
export interface OwnModule {
  readonly path: string;
  readonly identity: string;
}

/** Stands for index and content of a build that has begun: whatever result is there when nobody has ended it, it fits no inputs. */
export const begun = "begun";

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

function isStamp(value: unknown): value is Stamp {
  if (typeof value !== "object" || value === null) return false;
  const { format, index, content, beyond, conf, placed, refused, yielded } = value as Partial<
    Record<keyof Stamp, unknown>
  >;
  return (
    format === 1 &&
    typeof index === "string" &&
    typeof content === "string" &&
    (beyond === undefined || (Array.isArray(beyond) && beyond.every((path) => typeof path === "string"))) &&
    (conf === undefined || typeof conf === "object") &&
    (placed === undefined || Array.isArray(placed)) &&
    (refused === undefined || Array.isArray(refused)) &&
    (yielded === undefined || (typeof yielded === "object" && yielded !== null))
  );
}
