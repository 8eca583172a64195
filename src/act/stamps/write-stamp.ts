/** Writes stamps: what a pair was built from, and what became of it. */
import { dirname } from "node:path";
import { stampFile, type Layout } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import type { PlacedObject } from "../../model/machine/placed-object.ts";
import type { InputDigests } from "../../observe/stamps/inputs.ts";
import type { RememberedConf } from "../../observe/stamps/remembered-confs.ts";
import { begun, readStamp, type Stamp } from "../../observe/stamps/stamp.ts";
import { fileKind } from "../../system/files/files.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import type { Placement } from "../install/place-order.ts";
import { removeTree } from "../../system/writing/file-changes.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";

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

/** Notes that a build has begun. */
export function beginStamp(layout: Layout, pair: Pair): void {
  write(layout, pair, { format: 1, index: begun, content: begun });
}

/**
 * Remembers where the objects of a pair have been put, and for which modules of the kernel's own others were refused; nothing happens to a pair without
 * a stamp.
 */
export function stampPlaced(
  layout: Layout,
  pair: Pair,
  placed: readonly PlacedObject[],
  refusals: Placement["refused"] = [],
): void {
  const stamp = readStamp(layout, pair);
  if (stamp === undefined) return;
  const { yielded: _, refused: __, ...rest } = stamp;
  const refused = refusals.flatMap(({ name, rival: path = "" }) => {
    const identity = path === "" ? undefined : identityLine(path);
    return identity === undefined ? [] : [{ name, path, identity }];
  });
  write(layout, pair, { ...rest, placed, ...(refused.length === 0 ? {} : { refused }) });
}

/** Remembers that a pair was not installed, since the kernel has the module itself at this path. */
export function stampYielded(layout: Layout, pair: Pair, path: string): void {
  const stamp = readStamp(layout, pair);
  const identity = identityLine(path);
  if (stamp !== undefined && identity !== undefined) write(layout, pair, { ...stamp, yielded: { path, identity } });
}

function write(layout: Layout, pair: Pair, stamp: Stamp): void {
  const path = stampFile(layout, pair);
  clearUnfinishedFiles(dirname(path));
  // Below our own state nobody else has anything: what is no file there is in the way.
  if (fileKind(path) === "directory") removeTree(path);
  // Lost in a crash, it is a pair that is built once more.
  writeExpendable(path, `${JSON.stringify(stamp)}\n`);
}
