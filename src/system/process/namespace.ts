/** Mount namespaces: see mount_namespaces(7). */
import { readLink } from "../files/files.ts";
import { callerEnvironment, isRoot, processId } from "../environment.ts";
import { parentProcess } from "./ancestors.ts";
import { quietly } from "../files/quietly.ts";

/** What the program that makes the namespace puts into the environment. */
const mark = "DKMS_ALPM_MOUNTS";

/** Words that start a program in a mount namespace of its own, in which nothing that it mounts reaches the machine. */
export const ownMounts = ["unshare", "--mount", "--propagation", "private"] as const;

/**
 * Words that start a program with mounts and processes of its own: when it ends, or whoever started it, the kernel ends all that is left of it. Whoever is not
 * root looks like root in there and can do no more than before.
 */
export function ownProcesses(): readonly [string, ...string[]] {
  const user = isRoot() ? [] : ["--user", "--map-root-user"];
  const parts = ["--mount", "--propagation", "private", "--pid", "--mount-proc", "--fork", "--kill-child"];
  return ["setpriv", "--pdeathsig", "KILL", "unshare", ...user, ...parts];
}

/** The environment that tells such a program where it is. */
export const ownMountsMark: Readonly<Record<string, string>> = { [mark]: "own" };

/**
 * Whether this process has a mount namespace for itself: the word of who started it counts only when its namespace is another one than its parent's, or when
 * it is the first process of its namespace.
 */
export function hasOwnMounts(): boolean {
  if (callerEnvironment()[mark] !== "own") return false;
  if (processId() === 1) return true;
  const [own, parents] = ["self", String(parentProcess())].map((pid) => quietly(() => readLink(`/proc/${pid}/ns/mnt`)));
  return own !== undefined && parents !== undefined && own !== parents;
}
