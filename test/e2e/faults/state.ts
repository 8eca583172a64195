/** Everything that a run may change, read from outside of the machine; but for /tmp, whose leftovers are removed with the next boot. */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { MachineFiles } from "../machine-files.ts";
import { places } from "./fault-machine.ts";

export interface State {
  /** A line for each path, with type, permissions, link target and a digest of the content where that is always the same. */
  readonly lines: readonly string[];
  /** Digests of kernel objects by path. */
  readonly objects: ReadonlyMap<string, string>;
  /** Digests of the files of kernels' indexes by path. */
  readonly indexes: ReadonlyMap<string, string>;
  /** Paths of pacman's hook files. */
  readonly hooks: readonly string[];
}

/** A file with a suffix that the kernel's tools take for a module. */
const object = /^\/usr\/lib\/modules\/.*\.ko(?:\.(?:xz|gz|zst))?$/;
/** What depmod makes; what a kernel brings (modules.order, modules.builtin) stays as it is. */
const index = /^\/usr\/lib\/modules\/[^/]+\/modules\./;

export function readState(machine: MachineFiles): State {
  const lines: string[] = [];
  const objects = new Map<string, string>();
  const indexes = new Map<string, string>();
  const hooks: string[] = [];
  for (const { inside, path, stats } of places
    .filter((place) => place !== "/tmp")
    .flatMap((place) => below(machine.path(place), place))) {
    const shown = `${mode(stats)} ${inside.replace(transient, "$1N")}`;
    if (stats.isSymbolicLink()) lines.push(`l ${shown} -> ${readlinkSync(path)}`);
    else if (stats.isDirectory()) lines.push(`d ${shown}`);
    // A pipe, which nobody will ever write to.
    else if (!stats.isFile()) lines.push(`o ${shown}`);
    else {
      const digest = digestOf(path);
      if (object.test(inside)) objects.set(inside, digest);
      if (index.test(inside)) indexes.set(inside, digest);
      if (inside.endsWith(".hook")) hooks.push(inside);
      lines.push(`f ${shown}${varying.test(inside) ? "" : ` ${digest}`}`);
    }
  }
  return { lines: lines.toSorted(), objects, indexes, hooks };
}

/** Times, process ids and the like are in them. */
const varying = /\.log$|\.tar(?:\.\w+)?$|\/stamps\/|^\/run\/dkms-alpm\/removed$/;

/** Names of ours that carry a process id. */
const transient = /^(\/var\/lib\/dkms-alpm\/targets\/dkms-\w+\.)\d+$/;

interface Found {
  readonly inside: string;
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Headers are nobody's business here, nor is the former database that repo-add keeps; of logs, reports, kept results and what is remembered of files, whose loss
 * costs nothing, only what is unfinished counts.
 */
function below(folder: string, inside: string): Found[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const found = { inside: `${inside}/${name}`, path: join(folder, name) };
    if (/^\/usr\/lib\/modules\/[^/]+\/build$/.test(found.inside)) return [];
    if (expendable.test(found.inside)) return [];
    const stats = lstatSync(found.path);
    const deeper = stats.isDirectory() ? below(found.path, found.inside) : [];
    return [{ ...found, stats }, ...deeper];
  });
}

const expendable =
  /^\/var\/log\/dkms-alpm\/[^.]|^\/var\/cache\/dkms-alpm\/results\/[^.]|^\/run\/dkms-alpm\/(?:program-digests|boot-objects\.json)$|^\/var\/lib\/dkms-alpm\/reports(?:\/[^.]|$)|\.tar\.gz\.old$/;

function mode(stats: Stats): string {
  return (stats.mode & 0o7777).toString(8).padStart(4, "0");
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 8);
}
