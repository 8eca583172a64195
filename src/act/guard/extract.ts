/** Extracts incoming packages, as pacman will, into the room of a test. */
import { join } from "node:path";
import type { Incoming } from "../../model/guard/guard.ts";
import { makeDirectory, writeAtomically } from "../../system/files/file-changes.ts";
import { fileKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import type { GuardRoom } from "./room.ts";

/** Files of a package that describe it and are not installed. */
const metadata = [".PKGINFO", ".BUILDINFO", ".MTREE", ".INSTALL", ".CHANGELOG"];

/** Extracts headers and packages of modules whole, and marks the places of arriving kernels, whose own files no build needs; returns why it cannot. */
export async function extractIncoming(
  incoming: Incoming,
  room: GuardRoom,
  signal: AbortSignal,
): Promise<string | undefined> {
  makeDirectory(room.incoming);
  for (const { name, archive } of extracted(incoming)) {
    const options = ["-xpf", archive, "-C", room.incoming, ...metadata.map((file) => `--exclude=${file}`)];
    const { status, stderr } = await run(["bsdtar", ...options], {
      environment: { LC_ALL: "C.UTF-8" },
      signal,
      timeoutSeconds: 600,
    });
    if (status !== 0) return `${name} cannot be extracted from ${archive}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  }
  for (const release of incoming.kernels) markKernel(incoming, room, release);
  return undefined;
}

/** The packages that have to be extracted. */
export function extracted({ packages }: Incoming): Incoming["packages"] {
  return packages.filter(
    ({ headers, sourceDirectories, supplies }) => headers.length + sourceDirectories.length + supplies.length > 0,
  );
}

/** What a kernel is recognised by. */
function markKernel(incoming: Incoming, room: GuardRoom, release: string): void {
  const place = join(room.incoming, "usr/lib/modules", release);
  const pkgbase = incoming.kernelPackages.get(release);
  writeMissing(join(place, "modules.order"), "");
  if (pkgbase !== undefined) writeMissing(join(place, "pkgbase"), `${pkgbase}\n`);
}

function writeMissing(path: string, text: string): void {
  if (fileKind(path) === "none") writeAtomically(path, text);
}
