/**
 * Builds the machine as it will be after the transaction, below a directory of its own: only programs in the sandbox have it as their root, and we read it as
 * data. Nothing is mounted over the machine that we run on. The mounts are in a mount namespace that this process has for itself and that ends with it.
 */
import { dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { buildPlace, type Layout } from "../../model/machine/layout.ts";
import { availableMemory, canBecomeOthers } from "../../system/environment.ts";
import { makeDirectory, removeFile } from "../../system/writing/file-changes.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listEntries, realPath, targetKind } from "../../system/files/files.ts";
import type { MachinePart, OtherMachine } from "../../system/files/other-machine.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import type { Layer } from "./layers.ts";
import type { WorkDirectory } from "./work-directory.ts";

/** Where the work directory has the changes to the dkms tree when they are in memory. */
const memoryOf = (work: Pick<WorkDirectory, "directory">): string => join(work.directory, "memory");

type Command = readonly [string, ...string[]];

/** Mounts everything and tells where what is. Throws `file-failed` where this machine cannot. */
export async function mountComingMachine(
  work: Pick<WorkDirectory, "directory" | "machine">,
  layout: Layout,
  layers: readonly Layer[],
): Promise<OtherMachine> {
  const root = work.machine;
  // Nobody but root can make the latter two, and then nothing is written there.
  const ofRoot = canBecomeOthers() ? [layout.dkmsTree, layout.state] : [];
  for (const path of [root, layout.logs, layout.cache, layout.run, ...ofRoot]) makeDirectory(path);
  const points = mountPoints(readText("/proc/self/mountinfo") ?? "");
  await carryOut(root, [
    ["mount", "--no-mtab", "--rbind", "/", root],
    ...layers.flatMap((layer) => layerCommands(root, layer, points)),
  ]);
  await mountTree(work, layout.dkmsTree, points);
  const build = join(work.directory, "build");
  makeDirectory(build);
  // Parts have names without links in them.
  const real = (path: string): string => realPath(path) ?? path;
  const parts: readonly MachinePart[] = [
    ...layers.map(({ at }) => ({ at, place: `${root}${at}`, content: "fixed" as const })),
    { at: layout.dkmsTree, place: `${root}${layout.dkmsTree}`, content: "changing" },
    // Logs and kept results are the machine's own; a dkms tree that was moved has them in itself.
    ...[layout.logs, layout.cache, layout.run].map(real).map((at) => ({ at, place: at, content: "changing" as const })),
    { at: buildPlace({ ...layout, state: real(layout.state) }), place: build, content: "changing" },
  ];
  const seen = [...layers.map(({ at }) => at).filter((at) => at !== "/etc"), layout.dkmsTree];
  return {
    parts,
    root,
    isForeign: (link) => layers.some((layer) => bringsLink(layer, link)),
    // The rest of the machine is no stranger's to name: private files are there.
    openToForeign: (path) => seen.some((at) => path === at || path.startsWith(`${at}/`)),
  };
}

/** What is extracted may take at most this part of the memory that is available: builds need the rest. */
const memoryShare = 1 / 8;

/** Lets packages be extracted in memory, where files are made and removed in half the time; false where they are better on the disk. */
export async function mountMemory({ extracted }: Pick<WorkDirectory, "extracted">, bytes: number): Promise<boolean> {
  if (bytes > (availableMemory() ?? 0) * memoryShare) return false;
  makeDirectory(extracted);
  // A package may hold more than it says.
  const options = `nosuid,nodev,mode=700,size=${2 * bytes + 16 * 1024 ** 2}`;
  const words = ["mount", "--no-mtab", "-t", "tmpfs", "-o", options, "dkms-guard", extracted] as const;
  return (await run(words, { timeoutSeconds: 30 })).status === 0;
}

/** Takes the mounts of a test away; what is in use goes with this process. */
export async function unmountAll(work: Pick<WorkDirectory, "directory" | "extracted" | "machine">): Promise<void> {
  const points = mountPoints(readText("/proc/self/mountinfo") ?? "");
  const own = [work.machine, memoryOf(work), work.extracted].filter((path) => points.includes(realPath(path) ?? path));
  if (own.length > 0) await run(["umount", "--lazy", "--no-mtab", ...own], { timeoutSeconds: 30 });
}

/** Mount points from the text of mountinfo(5), in their order. */
export function mountPoints(mountinfo: string): readonly string[] {
  const points = mountinfo.split("\n").flatMap((line) => line.split(" ")[4] ?? []);
  return [...new Set(points.map((path) => path.replace(/\\(\d{3})/g, (_, code: string) => octal(code))))];
}

function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

/** Incoming files over a directory, and over file systems that are mounted below it: an overlay shows one file system. The outermost is first. */
function layerCommands(root: string, { at, directories, first }: Layer, points: readonly string[]): readonly Command[] {
  const inside = points.filter((path) => path.startsWith(`${at}/`)).toSorted();
  return [at, ...inside].map((point): Command => {
    const below = directories.map((directory) => `${directory}${point.slice(at.length)}`);
    const brought = below.filter((directory) => fileKind(directory) === "directory");
    if (brought.length === 0) return bound(root, point);
    const order = (first === "incoming" ? [...brought, point] : [point, ...brought]).map(escaped);
    return overlay(`ro,lowerdir=${order.join(":")}`, `${root}${point}`);
  });
}

/** The dkms tree, in which tests register modules and leave results: their changes are kept apart, and the tree itself is not copied. */
async function mountTree(
  work: Pick<WorkDirectory, "directory" | "machine">,
  tree: string,
  points: readonly string[],
): Promise<void> {
  const root = work.machine;
  const disk = join(work.directory, "tree");
  if (!canBecomeOthers()) return copyTree(root, tree, disk);
  const commands = (place: string): readonly Command[] => [
    ["mkdir", "-p", "--", `${place}/upper`, `${place}/work`],
    // Results are replaced by renames of directories.
    overlay(
      `redirect_dir=on,lowerdir=${escaped(tree)},upperdir=${escaped(`${place}/upper`)},workdir=${escaped(`${place}/work`)}`,
      `${root}${tree}`,
    ),
  ];
  try {
    await carryOut(root, commands(disk));
  } catch {
    // Not every file system can hold the changes (an overlay itself cannot): then they are in memory.
    const memory = memoryOf(work);
    makeDirectory(memory);
    await carryOut(root, [["mount", "--no-mtab", "-t", "tmpfs", "dkms-guard", memory], ...commands(memory)]);
  }
  await carryOut(
    root,
    points.filter((path) => path.startsWith(`${tree}/`)).map((path) => bound(root, path)),
  );
  for (const { name, kind } of listEntries(`${root}${tree}`)) {
    if (kind !== "directory") removeFile(`${root}${tree}/${name}`);
  }
}

/** Without root's rights an overlay cannot replace its directories by renames: all that can be read of the tree is copied. */
async function copyTree(root: string, tree: string, to: string): Promise<void> {
  makeDirectory(to);
  for (const { name, kind } of listEntries(tree)) {
    // What the copy leaves out only root may read, and no build of another user would see it.
    if (kind === "directory" && !name.startsWith("."))
      await run(["cp", "-r", "--preserve=mode,timestamps,links", "--reflink=auto", "--", join(tree, name), to]);
  }
  await carryOut(root, [["mount", "--no-mtab", "--bind", to, `${root}${tree}`]]);
}

function overlay(options: string, at: string): Command {
  return ["mount", "--no-mtab", "-t", "overlay", "-o", `nosuid,nodev,${options}`, "dkms-guard", at];
}

function bound(root: string, point: string): Command {
  return ["mount", "--no-mtab", "--rbind", point, `${root}${point}`];
}

/** For mount(8) and overlayfs, which give these characters a meaning. */
function escaped(path: string): string {
  return path.replace(/[\\:,]/g, "\\$&");
}

function bringsLink({ at, directories }: Layer, link: string): boolean {
  if (!link.startsWith(`${at}/`)) return false;
  return directories.some((directory) => fileKind(`${directory}${link.slice(at.length)}`) === "link");
}

/** Words of this shell text are commands, each after the number of its words: one program starts them all. */
const oneByOne = 'while (($#)); do count=$1; shift; "${@:1:count}" || exit; shift "$count"; done';

async function carryOut(root: string, commands: readonly Command[]): Promise<void> {
  if (commands.length === 0) return;
  const words = commands.flatMap(([program, ...rest]) => [
    String(rest.length + 1),
    findProgram(program) ?? program,
    ...rest,
  ]);
  const { status, stderr } = await run(["bash", "--norc", "--noprofile", "-c", oneByOne, "dkms-guard", ...words], {
    environment: { LC_ALL: "C" },
    timeoutSeconds: 60,
  });
  if (status === 0) return;
  // mount(8) ends with a word on where else to look.
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.includes("dmesg(1)"));
  const why = lines.at(-1)?.trim() ?? "";
  throw new DkmsError("file-failed", `The machine after the transaction cannot be laid out: ${why}`, {
    path: targetKind(root) === "directory" ? root : dirname(root),
  });
}
