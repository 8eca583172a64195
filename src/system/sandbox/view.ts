/**
 * What hostile code sees and may do, as arguments of bubblewrap: the one place where they are put together, each with its reason. It is a list of what is
 * there; nothing else of the machine exists.
 */
import { targetKind } from "../files/files.ts";
import { wayOf } from "./places.ts";

/** Something that is seen where it does not lie on the machine, or that may be written to. */
export interface Place {
  /** `link`: a symbolic link that says `from`; `empty`: a directory on its own, which forgets. */
  readonly kind: "read" | "write" | "link" | "empty";
  readonly from: string;
  readonly at: string;
}

/** What is shown to one program. */
export interface View {
  /** Base of /usr, /etc and all that is readable: `/` for the machine, or a directory that looks like one. */
  readonly root: string;
  /** Shown read-only where they are, links on the way included; what does not exist is left out. */
  readonly readable: readonly string[];
  /** Shown where they are on the machine, to write to. */
  readonly writable: readonly string[];
  /** Laid out anew, in this order. */
  readonly places: readonly Place[];
  /** Files that cannot be opened although what they lie in is shown. */
  readonly hidden: readonly string[];
  readonly network: boolean;
  /** What is `/tmp`, on disk, as a compiler's temporary files can be larger than memory; without it one in memory. */
  readonly temporary?: string;
  /** Where the program begins. */
  readonly directory: string;
}

/** Programs, libraries, headers of C and of kernels. */
const programs = ["/usr", "/opt", "/nix"];

/** Links into /usr, or directories where it is not merged. */
const merged = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** The files of /etc that builds need. */
const configuration = [
  // Which library is where, for every program that starts.
  ...["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"],
  // Names of ids, for `install -o root`, `chown root`, tar and whoami.
  ...["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"],
  // Debian's links to the awk, the cc and the like that are in use.
  "/etc/alternatives",
  // Makefiles and configure scripts ask which distribution this is.
  ...["/etc/os-release", "/etc/lsb-release", "/etc/arch-release", "/etc/debian_version", "/etc/redhat-release"],
  // __DATE__ and date(1).
  "/etc/localtime",
  // Where a compiler is ccache, or clang with configuration files.
  ...["/etc/ccache.conf", "/etc/clang"],
];

/** What asking for the name of a server takes, and certificates. */
const names = [
  ...["/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols"],
  ...["/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki", "/run/systemd/resolve"],
];

/** Rights in the user namespace: over files of the build user alone, as that is the only user in it. Unpacking and installing take them. */
const rights = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL"];

/** What holds for every program, user namespace or not. */
export const separation: readonly string[] = [
  // Processes outside cannot be seen, traced or killed; whatever is left running ends with it.
  "--unshare-pid",
  // No System V queues or shared memory of others, no setting of the host's name, no control groups.
  ...["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
  // When we are killed, so is the program.
  "--die-with-parent",
  // No terminal to push input into, none to ask questions on.
  "--new-session",
];

/** A user namespace of the build user: it looks like root to itself, and is nobody outside. */
export const namespace: readonly string[] = [
  ...["--unshare-user", "--uid", "0", "--gid", "0"],
  // Within it no other can be made, which would bring every right over mounts and networks of its own.
  "--disable-userns",
  ...["--cap-drop", "ALL"],
  ...rights.flatMap((name) => ["--cap-add", `CAP_${name}`]),
];

/**
 * Arguments that lay out a view. `prefix` stands before everything that is seen; `source` tells by which path something of the machine is reached. Bubblewrap
 * mounts everything without set-user-id bits and devices (nosuid, nodev).
 */
export function viewArguments(view: View, prefix: string, source: (path: string) => string): readonly string[] {
  const root = view.root === "/" ? "" : view.root;
  const layout = new Arrangement(root, prefix, source);
  for (const path of [...programs, ...merged, ...configuration]) layout.show(path);
  if (view.network) for (const path of names) layout.show(path);
  for (const path of view.readable) layout.show(path);
  return [
    ...(view.network ? [] : ["--unshare-net"]),
    // No disks, no terminals: null, zero, full, random, urandom, tty, shm and pts only.
    ...["--dev", `${prefix}/dev`],
    // Of its own processes.
    ...["--proc", `${prefix}/proc`],
    ...(view.temporary === undefined
      ? ["--perms", "1777", "--tmpfs", `${prefix}/tmp`]
      : ["--bind", source(view.temporary), `${prefix}/tmp`]),
    ...layout.words(),
    ...layout.parents([...view.places.map(({ at }) => at), ...view.writable]),
    ...view.places.flatMap((place) => wordsOf(place, prefix, source)),
    ...view.writable.flatMap((path) =>
      targetKind(path) === "none" ? [] : ["--bind", source(path), `${prefix}${path}`],
    ),
    // A device on a mount without devices: opening it is refused, which says more than an empty file.
    ...view.hidden
      .flatMap((path) => layout.placeOf(path) ?? [])
      .flatMap((path) => ["--ro-bind", "/dev/null", `${prefix}${path}`]),
    // Only now, when every mount point has been made.
    ...view.places.flatMap(({ kind, at }) => (kind === "empty" ? ["--remount-ro", `${prefix}${at}`] : [])),
    ...["--remount-ro", prefix === "" ? "/" : prefix],
  ];
}

function wordsOf({ kind, from, at }: Place, prefix: string, source: (path: string) => string): readonly string[] {
  const seen = `${prefix}${at}`;
  switch (kind) {
    case "read":
      return ["--ro-bind", source(from), seen];
    case "write":
      return ["--bind", source(from), seen];
    case "link":
      return ["--symlink", from, seen];
    case "empty":
      return ["--tmpfs", seen];
  }
}

/** What is shown where it is: each once, and nothing that already is there with what is above it. */
class Arrangement {
  readonly #root: string;
  readonly #prefix: string;
  readonly #source: (path: string) => string;
  readonly #links = new Map<string, string>();
  readonly #files = new Set<string>();

  constructor(root: string, prefix: string, source: (path: string) => string) {
    this.#root = root;
    this.#prefix = prefix;
    this.#source = source;
  }

  show(path: string): void {
    const way = wayOf(this.#root, path);
    if (way === undefined || way.real === "/") return;
    for (const { at, text } of way.links) if (!this.#isCovered(at)) this.#links.set(at, text);
    if (!this.#isCovered(way.real)) this.#files.add(way.real);
  }

  /** Where a file that is shown really is; undefined when it is not. */
  placeOf(path: string): string | undefined {
    const real = wayOf(this.#root, path)?.real;
    return real !== undefined && this.#isCovered(real) && targetKind(`${this.#root}${real}`) === "file"
      ? real
      : undefined;
  }

  words(): readonly string[] {
    // What was shown first may lie below what was shown later.
    const files = [...this.#files].filter((path) => !this.#isBelow(path)).toSorted();
    const links = [...this.#links].filter(([at]) => !this.#isBelow(at));
    return [
      ...this.parents([...files, ...links.map(([at]) => at)]),
      ...files.flatMap((path) => ["--ro-bind", this.#source(`${this.#root}${path}`), `${this.#prefix}${path}`]),
      ...links.flatMap(([at, text]) => ["--symlink", text, `${this.#prefix}${at}`]),
    ];
  }

  /** The directories above some paths, which everybody may search. */
  parents(paths: readonly string[]): readonly string[] {
    const above = new Set(paths.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))));
    const missing = [...above].filter((path) => path !== "" && path !== "/tmp" && !this.#isCovered(path));
    return missing.toSorted().flatMap((path) => ["--dir", `${this.#prefix}${path}`]);
  }

  #isCovered(path: string): boolean {
    return this.#files.has(path) || this.#isBelow(path);
  }

  #isBelow(path: string): boolean {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (this.#files.has(path.slice(0, end))) return true;
    }
    return false;
  }
}
