/** Extracts incoming packages, as pacman will, into the work directory of a test. */
import { join } from "node:path";
import type { Incoming } from "../../model/guard/guard.ts";
import { makeDirectory, setMode, writeAtomically } from "../../system/writing/file-changes.ts";
import { fileKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { watchDisk } from "../compile/disk-watch.ts";
import type { WorkDirectory } from "./work-directory.ts";

/** Files of a package that describe it and are not installed. */
const metadata = [".PKGINFO", ".BUILDINFO", ".MTREE", ".INSTALL", ".CHANGELOG"];

/** What no build reads: firmware, and what is for people. */
const needless = [
  ...["usr/lib/firmware", "boot", "var", "home", "root", "srv", "run"],
  ...["usr/share/man", "usr/share/doc", "usr/share/info", "usr/share/licenses", "usr/share/locale"],
];

/** Nor does a build read the kernels beside the headers. A `*` would stand for slashes as well. */
function needlessOf({ headers, kernels }: Incoming["packages"][number]): readonly string[] {
  const releases = new Set([...headers, ...kernels].map((release) => release.replace(/[\\*?[]/g, "\\$&")));
  return [...releases].flatMap((release) => [
    `usr/lib/modules/${release}/kernel`,
    `usr/lib/modules/${release}/vmlinuz`,
  ]);
}

/** Strangers get no file of another owner, and none that cannot be changed or removed. */
const plain = ["--no-same-owner", "--no-acls", "--no-xattrs", "--no-fflags"];

/** Seconds for one archive. */
const patience = 600;

/** Extracts headers, packages of modules and the toolchain, and marks the places of arriving kernels, whose own files no build needs; returns why it cannot. */
export async function extractIncoming(
  incoming: Incoming,
  work: WorkDirectory,
  signal: AbortSignal,
): Promise<string | undefined> {
  makeDirectory(work.incoming);
  // Programs in it may be set-user-id, and nosuid only holds where it is mounted.
  setMode(work.incoming, 0o700);
  for (const incomingPackage of extracted(incoming)) {
    const { name, archive } = incomingPackage;
    const excluded = [...metadata, ...needless, ...needlessOf(incomingPackage)].map((path) => `--exclude=^${path}`);
    // What a package says of its size is its own word.
    const disk = watchDisk([work.incoming], undefined, signal);
    try {
      const { status, stderr } = await run(["bsdtar", "-xpf", archive, "-C", work.incoming, ...plain, ...excluded], {
        environment: { LC_ALL: "C.UTF-8" },
        signal: disk.signal,
        timeoutSeconds: patience,
      });
      if (disk.excess() !== undefined) return `${name} was filling the disk when it was extracted from ${archive}`;
      const lines = stderr.trim().split("\n");
      // Those that begin with its own name say that it goes on, and that there was an error.
      const why = lines.find((line) => !line.startsWith("bsdtar: ")) ?? lines.at(-1) ?? "";
      if (status !== 0) return `${name} cannot be extracted from ${archive}: ${why.replace(/\.$/, "")}`;
    } finally {
      disk.close();
    }
  }
  for (const release of incoming.kernels) {
    const link = linkOnTheWay(work, release);
    if (link !== undefined) return `the incoming packages have no directory ${link}, but a link or a file`;
    markKernel(incoming, work, release);
  }
  return missingPart(incoming, work);
}

/** What archives list and do not hold; undefined when all of it is there. */
function missingPart(incoming: Incoming, work: WorkDirectory): string | undefined {
  for (const { name, headers, sourceDirectories } of extracted(incoming)) {
    const listed = [
      ...headers.map((release) => `usr/lib/modules/${release}/build`),
      ...sourceDirectories.map((directory) => `usr/src/${directory}/dkms.conf`),
    ];
    const missing = listed.find((path) => fileKind(join(work.incoming, path)) === "none");
    if (missing !== undefined) return `${name} lists ${missing} and does not hold it`;
  }
  return undefined;
}

/** The packages that have to be extracted. */
export function extracted({ packages }: Incoming): Incoming["packages"] {
  return packages.filter(
    ({ headers, sourceDirectories, supplies, isToolchain }) =>
      isToolchain || headers.length + sourceDirectories.length + supplies.length > 0,
  );
}

/** What of a kernel's place is no directory: through a link of a package we would write to the machine itself. */
function linkOnTheWay({ incoming }: WorkDirectory, release: string): string | undefined {
  const places = ["usr", "usr/lib", "usr/lib/modules", `usr/lib/modules/${release}`];
  return places.find((place) => !["directory", "none"].includes(fileKind(join(incoming, place))));
}

/** What a kernel is recognised by. */
function markKernel(incoming: Incoming, work: WorkDirectory, release: string): void {
  const place = join(work.incoming, "usr/lib/modules", release);
  const pkgbase = incoming.kernelPackages.get(release);
  writeMissing(join(place, "modules.order"), "");
  if (pkgbase !== undefined) writeMissing(join(place, "pkgbase"), `${pkgbase}\n`);
}

function writeMissing(path: string, text: string): void {
  if (fileKind(path) === "none") writeAtomically(path, text);
}
