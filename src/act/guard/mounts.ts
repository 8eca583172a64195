/**
 * Makes this process see the machine as it will be after the transaction. Runs in a mount namespace of its own, which ends with its last process,
 * so nothing of this is ever seen outside, or left behind.
 */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { moduleDirectory, type Layout } from "../../model/machine/layout.ts";
import type { ModuleName, ModuleVersion } from "../../model/names.ts";
import { copyTree, linkAtomically, makeDirectory } from "../../system/files/file-changes.ts";
import { fileKind, listEntries, readLink, readText } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import type { GuardRoom } from "./room.ts";

/** Directories of a root that incoming files are laid over; in `/etc` the machine's own files win, as pacman keeps what an administrator has changed. */
const overlaid = [
  { top: "/usr", first: "incoming" },
  { top: "/opt", first: "incoming" },
  { top: "/etc", first: "machine" },
] as const;

/** Lays the incoming files over the machine, and private copies over the dkms tree and our own state; logs and kept results stay the machine's. Throws `file-failed`. */
export async function layOver(room: Omit<GuardRoom, "release">, layout: Layout): Promise<void> {
  copyPrivately(room, layout);
  for (const path of [room.below, layout.dkmsTree, layout.state, layout.logs, layout.cache]) makeDirectory(path);
  const points = mountPoints(readText("/proc/self/mountinfo") ?? "");
  await mount("--rbind", "/", room.below);
  for (const { top, first } of overlaid) {
    if (fileKind(`${room.incoming}${top}`) !== "directory" || fileKind(top) !== "directory") continue;
    await overlay(room, top, first);
    // An overlay shows one file system: what is mounted below it is brought back, the outermost first.
    for (const point of points.filter((path) => path.startsWith(`${top}/`))) {
      if (fileKind(`${room.incoming}${point}`) === "directory") await overlay(room, point, first);
      else await mount("--rbind", `${room.below}${point}`, point);
    }
  }
  await mount("--bind", room.tree, layout.dkmsTree);
  await mount("--bind", room.state, layout.state);
  // A dkms tree that was moved has them in itself.
  for (const path of [layout.logs, layout.cache].filter((inside) => inside.startsWith(`${layout.dkmsTree}/`))) {
    makeDirectory(path);
    await mount("--bind", `${room.below}${path}`, path);
  }
  // Through it builds would see what the sandbox hides from them.
  await need(["umount", "--lazy", room.below]);
}

/** Mount points from the text of mountinfo(5), in their order. */
export function mountPoints(mountinfo: string): readonly string[] {
  const points = mountinfo.split("\n").flatMap((line) => line.split(" ")[4] ?? []);
  return [...new Set(points.map((path) => path.replace(/\\(\d{3})/g, (_, code: string) => octal(code))))];
}

function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

function overlay(room: Omit<GuardRoom, "release">, path: string, first: "incoming" | "machine"): Promise<void> {
  const layers = [`${room.incoming}${path}`, `${room.below}${path}`];
  const order = (first === "incoming" ? layers : layers.toReversed()).map((layer) => layer.replace(/[\\:,]/g, "\\$&"));
  return mount("-t", "overlay", "-o", `ro,lowerdir=${order.join(":")}`, "dkms-guard", path);
}

/** What builds see of the dkms tree: registered modules with their results; no keys, no failed builds, no tarballs. */
function copyPrivately({ tree, state }: Omit<GuardRoom, "release">, layout: Layout): void {
  for (const directory of [tree, state]) makeDirectory(directory);
  for (const { name, kind } of listEntries(layout.dkmsTree)) {
    if (kind !== "directory" || name.startsWith(".")) continue;
    for (const entry of listEntries(join(layout.dkmsTree, name))) {
      const from = join(layout.dkmsTree, name, entry.name);
      makeDirectory(join(tree, name));
      if (entry.kind === "link") linkAtomically(readLink(from) ?? "", join(tree, name, entry.name));
      else if (entry.kind === "directory" && entry.name !== "original_module")
        copyVersion(layout, name, entry.name, join(tree, name, entry.name));
    }
  }
  const stamps = join(layout.state, "stamps");
  if (fileKind(stamps) === "directory") copyTree(stamps, join(state, "stamps"));
}

function copyVersion(layout: Layout, name: string, version: string, to: string): void {
  const directory = moduleDirectory(layout, { name: name as ModuleName, version: version as ModuleVersion });
  makeDirectory(to);
  for (const entry of listEntries(directory)) {
    if (entry.name === "build" || entry.name === "tarball" || entry.name.startsWith(".")) continue;
    const from = join(directory, entry.name);
    if (entry.kind === "link") linkAtomically(readLink(from) ?? "", join(to, entry.name));
    else if (entry.kind === "directory") copyTree(from, join(to, entry.name));
  }
}

function mount(...words: readonly string[]): Promise<void> {
  return need(["mount", "--no-mtab", ...words]);
}

async function need(argv: readonly [string, ...string[]]): Promise<void> {
  const { status, stderr } = await run(argv, { environment: { LC_ALL: "C" }, timeoutSeconds: 30 });
  if (status === 0) return;
  throw new DkmsError("file-failed", `${argv.join(" ")} failed: ${stderr.trim().split("\n").at(-1) ?? ""}`);
}
