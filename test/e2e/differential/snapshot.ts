/** What lies below the dkms tree and the kernels of a machine, as lines that can be compared. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { MachineFiles } from "../machine-files.ts";

const places: readonly string[] = ["/var/lib/dkms", "/usr/lib/modules"];

/**
 * One line for each path: `d 0755 PATH`, `l PATH -> TARGET`, `f 0644 PATH` and for kernel objects a digest of what they hold when unpacked.
 * Headers are left out, and the lock of ours that only root can open.
 */
export function snapshot(machine: MachineFiles): string[] {
  return places.flatMap((place) => below(machine.path(place), place)).toSorted();
}

function below(folder: string, shown: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const inside = `${shown}/${name}`;
    if (shown.startsWith("/usr/lib/modules/") && (name === "build" || name === "source")) return [];
    if (inside === "/var/lib/dkms/.dkms-alpm.lock") return [];
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) return [`l ${inside} -> ${readlinkSync(path)}`];
    if (stats.isDirectory()) return [`d ${mode(stats)} ${inside}`, ...below(path, inside)];
    return [`f ${mode(stats)} ${inside}${digest(path)}`];
  });
}

function mode(stats: Stats): string {
  return (stats.mode & 0o7777).toString(8).padStart(4, "0");
}

const unpackers = { ko: undefined, xz: "xz", gz: "gzip", zst: "zstd" } as const;

/** Eight digits for a kernel object's contents; nothing for other files, and for objects that are signed (no two signatures are alike). */
function digest(path: string): string {
  const kind = /\.ko(?:\.(xz|gz|zst))?$/.exec(path);
  if (kind === null) return "";
  const unpacker = unpackers[(kind[1] ?? "ko") as keyof typeof unpackers];
  const content = unpacker === undefined ? readFileSync(path) : execFileSync(unpacker, ["-dc", path]);
  if (content.includes("~Module signature appended~\n")) return " signed";
  return ` ${createHash("sha256").update(content).digest("hex").slice(0, 8)}`;
}
