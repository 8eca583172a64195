/** Starts programs in the sandbox: as the build user, who looks like root to itself where the machine has user namespaces. */
import { closeSync, statSync } from "node:fs";
import { DkmsError } from "../../model/errors.ts";
import { readText } from "../files/content.ts";
import { listDirectory } from "../files/files.ts";
import { openWithoutName } from "../writing/nameless-file.ts";
import { canBecomeOthers } from "../environment.ts";
import { findProgram, run, type RunOptions, type RunResult } from "../process/processes.ts";
import { buildUser, type UserIds } from "./build-user.ts";
import { Reach } from "./places.ts";
import { systemCallFilter } from "./system-calls.ts";
import { namespace, separation, viewArguments, type View } from "./view.ts";

/**
 * How far this machine can separate: `namespace`, the build user in a user namespace; `user`, the same user without one (linux-hardened); `none`, for
 * the reason that is told.
 */
export type Separation = { readonly kind: "namespace" | "user" } | { readonly kind: "none"; readonly why: string };

/** A program to start. */
export interface Confined {
  readonly argv: readonly [string, ...string[]];
  /** Who starts it; we ourselves without it. */
  readonly user?: UserIds;
  /** What it gets as descriptor `at`. */
  readonly descriptor: number;
  /** Closes the descriptor. */
  close(): void;
}

/** Where a directory in memory is laid over something that no build is shown. */
const spare = ["/dev/shm", "/mnt", "/media", "/srv"];

/** The words that start a program in a view; `at` is the number of the descriptor that it gets beyond those of its caller. Throws `file-failed`. */
export function confine(how: "namespace" | "user", view: View, argv: readonly string[], at: number): Confined {
  const filter = ["--seccomp", String(at)];
  closeInherited();
  const descriptor = openWithoutName(systemCallFilter());
  const close = (): void => closeSync(descriptor);
  const words = ["--chdir", view.directory, "--", ...argv];
  // Whoever is not root, or only calls himself so, has nothing to give up, and gets into a namespace as what he is.
  if (!canBecomeOthers()) {
    const inside = viewArguments(view, "", (path) => path);
    return { argv: ["bwrap", ...namespace, ...separation, ...filter, ...inside, ...words], descriptor, close };
  }
  const { uid, gid } = buildUser();
  const place = spare.find((path) => isDirectory(path)) ?? "/mnt";
  if (how === "user") {
    // Root lays out the view beside the machine, and the program of the machine that enters it gives all rights up.
    const inside = viewArguments(view, place, (path) => path);
    const enter = ["chroot", `--userspec=${uid}:${gid}`, "--groups=", place];
    const start = ["/usr/bin/env", `--chdir=${view.directory}`, ...argv];
    const needed = ["SETUID", "SETGID", "SYS_CHROOT"].flatMap((name) => ["--cap-add", `CAP_${name}`]);
    const outer = ["--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", place, ...separation, ...filter];
    return {
      argv: ["bwrap", ...outer, ...inside, "--cap-drop", "ALL", ...needed, "--", ...enter, ...start],
      descriptor,
      close,
    };
  }
  const reach = new Reach();
  const carried: string[] = [];
  const inside = viewArguments(view, "", (path) => {
    if (reach.isOpen(path) && !path.startsWith(`${place}/`)) return path;
    const index = carried.indexOf(path);
    return `${place}/${index === -1 ? carried.push(path) - 1 : index}`;
  });
  const start = [...namespace, ...separation, ...filter, ...inside, ...words];
  if (carried.length === 0) return { argv: ["bwrap", ...start], user: { uid, gid }, descriptor, close };
  // What only root gets at is mounted where the build user does, in a mount namespace that nobody else has.
  const mounts = carried.flatMap((path, index) => ["--dev-bind", path, `${place}/${index}`]);
  const outer = ["--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", place, ...mounts, "--die-with-parent"];
  const become = ["setpriv", "--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
  return { argv: ["bwrap", ...outer, "--", ...become, "--", "bwrap", ...start], descriptor, close };
}

/** Options of a program in the sandbox; `environment` is all that it gets besides what `confinedEnvironment` says. */
export type ConfinedOptions = Omit<RunOptions, "cwd" | "user" | "bare">;

/** Runs a program in a view to its end, as `run` does; throws `tool-missing` where nothing can be separated. */
export async function runConfined(
  view: View,
  argv: readonly string[],
  options: ConfinedOptions = {},
): Promise<RunResult> {
  return runAs(await separationNeeded(), view, argv, options);
}

async function runAs(
  how: "namespace" | "user",
  view: View,
  argv: readonly string[],
  options: ConfinedOptions,
): Promise<RunResult> {
  const own = options.descriptors ?? [];
  const confined = confine(how, view, argv, 3 + own.length);
  try {
    return await run(confined.argv, {
      ...options,
      cwd: "/",
      bare: true,
      descriptors: [...own, confined.descriptor],
      ...(confined.user === undefined ? {} : { user: confined.user }),
    });
  } finally {
    confined.close();
  }
}

/** A view of programs alone. */
export const plainView: View = {
  root: "/",
  readable: [],
  writable: [],
  places: [],
  hidden: [],
  network: false,
  directory: "/",
};

let answer: Promise<Separation> | undefined;

/** What this machine can do: found out once a run, by doing it. */
export function separationHere(): Promise<Separation> {
  answer ??= probe();
  return answer;
}

async function separationNeeded(): Promise<"namespace" | "user"> {
  const how = await separationHere();
  if (how.kind === "none") throw new DkmsError("tool-missing", `There is no sandbox here: ${how.why}`);
  return how.kind;
}

/**
 * Starts something as far separated as this machine can. The first start of a run is also what shows that; all others wait for it, so that nothing hostile runs
 * where it is found out that something less has to do. `hasBegun` says of a result whether the program was there at all. Throws `tool-missing` as `runConfined`.
 */
export async function startConfined<Result>(
  start: (how: "namespace" | "user") => Promise<Result>,
  hasBegun: (result: Result) => boolean,
): Promise<Result> {
  if (answer === undefined && findProgram("bwrap") !== undefined) {
    const first = start("namespace");
    answer = first.then((result) => (hasBegun(result) ? { kind: "namespace" } : probe()), probe);
    // When the first start fails, nobody may ask any more.
    answer.catch(() => {});
    const result = await first;
    if ((await answer).kind === "namespace") return result;
  }
  return start(await separationNeeded());
}

/** Namespaces can be missing in a container, in a plain chroot, or where an administrator has forbidden them. */
async function probe(): Promise<Separation> {
  if (findProgram("bwrap") === undefined) return { kind: "none", why: "bubblewrap is not installed." };
  let why = "";
  for (const kind of canBecomeOthers() ? (["namespace", "user"] as const) : (["namespace"] as const)) {
    const { status, stderr } = await runAs(kind, plainView, ["true"], { timeoutSeconds: 20 });
    if (status === 0) return { kind };
    if (why === "") why = stderr.trim().split("\n").at(-1) ?? "";
  }
  return { kind: "none", why: `bubblewrap fails here (${why}).` };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

let isClosed = false;

/** What our caller left open would reach into the sandbox: a directory among it leads out. All that we open ourselves is closed when a program starts. */
function closeInherited(): void {
  if (isClosed) return;
  isClosed = true;
  for (const name of listDirectory("/proc/self/fdinfo")) {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readText(`/proc/self/fdinfo/${name}`) ?? "")?.[1];
    if (Number(name) <= 2 || flags === undefined || (Number.parseInt(flags, 8) & closesOnExec) !== 0) continue;
    closeSync(Number(name));
  }
}

/** O_CLOEXEC of linux/fcntl.h, on every architecture of ours. */
const closesOnExec = 0o2000000;
