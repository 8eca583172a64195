/** The closed room in which patches, scripts and make run: what a build sees, and what it may write to, as arguments of bubblewrap. */
import { dirname } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { buildDirectory, moduleDirectory, resultDirectory } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import { fileKind, realPath, targetKind } from "../../system/files/files.ts";
import { withoutLlvmPlugin } from "./binutils-plugins.ts";
import type { BuildInput, SandboxSettings } from "../compile/input.ts";
import { shownAgain } from "./shown-again.ts";

/** The pair, and where its private directories really are. */
export interface Room {
  readonly layout: Layout;
  readonly pair: Pair;
  readonly settings: SandboxSettings;
  /** Whether clang has built the kernel. */
  readonly llvm: BuildInput["facts"]["llvm"];
  /** Source and headers, which stay readable wherever they are. */
  readonly readable: readonly string[];
  readonly build: string;
  readonly staged: string;
  readonly temporary: string;
  readonly log: string;
}

/** Arguments that hold for every build: they are what is probed. `root` is what the build sees as `/`. */
export const isolation = (root: string): readonly string[] => [
  // Everything is there and nothing can be changed, mounts below / included.
  ...["--ro-bind", root, "/"],
  // No disks, no terminals: null, zero, full, random, urandom, shm and pts only.
  ...["--dev", "/dev"],
  // Processes outside cannot be seen, traced or killed; whatever a script leaves running ends with it.
  ...["--unshare-pid", "--proc", "/proc"],
  // No System V queues or shared memory of others, no setting of the host's name.
  ...["--unshare-ipc", "--unshare-uts"],
  // When we are killed, so is the build.
  "--die-with-parent",
  // No terminal to push input into, none to ask questions on.
  "--new-session",
  // Root without the rights that undo all this (mounting, device nodes, modules); with those that copying and unpacking sources need.
  ...["--cap-drop", "ALL"],
  ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL"].flatMap((name) => ["--cap-add", `CAP_${name}`]),
];

/** Private data and doors to running services (sockets in /run); a build needs neither. /tmp is handled on its own. */
const closedDirectories = ["/root", "/home", "/run", "/var/lib/shim-signed", "/etc/ssl/private"];
const closedFiles = ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"];

/** All arguments for one command of a build; `directory` is where it begins. */
export function sandboxArguments(room: Room, directory: string): readonly string[] {
  const { layout, pair, settings } = room;
  const root = settings.root === "/" ? "" : settings.root;
  const exists = (path: string): boolean => fileKind(`${root}${path}`) !== "none";
  // Mounts go to real paths: a link would be followed on the machine, not in the room.
  const real = (path: string): string => (root === "" ? (realPath(path) ?? path) : path);
  const temporary = real("/tmp");
  const closed = [temporary, ...closedDirectories.filter(exists).map(real)];
  const behindClosedDoors = [layout.dkmsTree, layout.sourceTree, layout.installTree, layout.overrides, ...room.readable]
    .filter((path) => targetKind(path) !== "none")
    .map(real)
    .filter((path) => closed.some((door) => path.startsWith(`${door}/`)));
  const secrets = [...closedFiles, `${layout.dkmsTree}/mok.key`, ...settings.hidden].filter(exists).map(real);

  return [
    ...isolation(settings.root),
    ...(settings.network === "yes" ? [] : ["--unshare-net"]),
    ...(room.llvm === "yes" ? [] : withoutLlvmPlugin(root)),
    ...closed.slice(1).flatMap((path) => ["--tmpfs", path]),
    // On disk, as a compiler's temporary files can be larger than memory.
    ...["--bind", room.temporary, temporary],
    ...[...new Set(behindClosedDoors)].toSorted().flatMap((path) => ["--ro-bind", path, path]),
    // Names of servers are asked for through sockets and files there.
    ...(settings.network === "yes" ? ["--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"] : []),
    ...settings.writable.map(real).flatMap((path) => ["--bind-try", path, path]),
    ...ownTree(room, real(moduleDirectory(layout, pair.module))),
    // A device on a mount without devices: opening it is refused, which says more than an empty file.
    ...secrets.flatMap((path) => ["--ro-bind", "/dev/null", path]),
    // Only now, when every mount point has been made in them. /root stays writable and forgetful: it is the home of the tools.
    ...closed.flatMap((path) => (path === temporary || path === "/root" ? [] : ["--remount-ro", path])),
    ...["--chdir", directory],
  ];
}

/**
 * `<dkms_tree>/M/V` is laid out anew, as mount points cannot be made in a read-only tree: everything that is there again, but `build` and `K/A` are
 * the private ones of this build, at the paths that confs and scripts know.
 */
function ownTree(room: Room, tree: string): readonly string[] {
  const { layout, pair } = room;
  const inTree = (path: string): string => `${tree}${path.slice(moduleDirectory(layout, pair.module).length)}`;
  const build = inTree(buildDirectory(layout, pair.module));
  const result = inTree(resultDirectory(layout, pair));
  const releases = dirname(result);
  const again = (directory: string, except: readonly string[]): readonly string[] =>
    // What is hidden by its name is somebody's unfinished work.
    shownAgain(directory, directory, (name) => name.startsWith(".") || except.includes(`${directory}/${name}`));
  return [
    ...["--tmpfs", tree],
    ...again(tree, [build, releases]),
    ...again(releases, [result]),
    ...["--bind", room.build, build],
    // Scripts may read the log but not replace it.
    ...["--ro-bind", room.log, `${build}/make.log`],
    ...["--bind", room.staged, result],
    ...["--remount-ro", tree],
  ];
}
