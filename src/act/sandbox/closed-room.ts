/** The sandbox for everything that is no build of a pair but runs code of packages that are not installed: confs, makefiles, host tools, PKGBUILDs. */
import { fileKind, realPath } from "../../system/files/files.ts";
import { machineRoot, placeOf } from "../../system/files/other-machine.ts";

const isolation = (root: string): readonly string[] => [
  ...["--ro-bind", root, "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc", "--unshare-ipc", "--unshare-uts"],
  ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
  ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL"].flatMap((name) => ["--cap-add", `CAP_${name}`]),
];

/** Private data and doors to running services, which no conf has to see. */
const closed = ["/root", "/home", "/run", "/var/lib/shim-signed", "/etc/ssl/private"];
const secret = ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"];

/** What differs from room to room. */
export interface RoomWishes {
  /** Files to hide beyond those that always are. */
  readonly hidden?: readonly string[];
  /** Files and directories to show wherever they are: sources in somebody's home. */
  readonly shown?: readonly string[];
}

/** The words that start a program in the sandbox; nothing is writable but a private /tmp, and there is no network. */
export function inClosedRoom(argv: readonly string[], wishes: RoomWishes = {}): readonly [string, ...string[]] {
  const real = (paths: readonly string[]): readonly string[] =>
    paths.filter((path) => fileKind(path) !== "none").flatMap((path) => realPath(path) ?? []);
  const doors = real(["/tmp", ...closed]);
  const shown = real(wishes.shown ?? []).filter((path) => doors.some((door) => path.startsWith(`${door}/`)));
  return [
    "bwrap",
    ...isolation(machineRoot()),
    "--unshare-net",
    ...doors.flatMap((path) => ["--tmpfs", path]),
    ...shown.flatMap((path) => ["--ro-bind", placeOf(path), path]),
    ...real([...secret, ...(wishes.hidden ?? [])]).flatMap((path) => ["--ro-bind", "/dev/null", path]),
    ...["--chdir", "/", "--"],
    ...argv,
  ];
}
