/** What the machine and the caller tell us: user, kernel, processors, environment; and the environment that our children get. */
import { availableParallelism, machine, release } from "node:os";
import { readFileSync } from "node:fs";

/** Programs are looked for here and nowhere else, whatever PATH the caller had. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What of the caller's environment the programs get that we start for ourselves: who and where the caller is, how it speaks, and what it tells DKMS. All other
 * variables could change what a compiler, make, bash or a module's script does; `build_environment` is the way for those that shall.
 */
const passedOn =
  /^(HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|NO_COLOR|TZ|TMPDIR|LANG|LANGUAGE|LC_[A-Z]+|DKMS_\w+|SUDO_(USER|UID|GID)|SOURCE_DATE_EPOCH)$/;

/** The PIN of a signing key in a token: sign-file reads it. No other program gets it. */
export const signingPin = "KBUILD_SIGN_PIN";

/** The caller's environment, as it came. */
export function callerEnvironment(): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  return environment;
}

/** Everything that we start has it: in a process namespace of its own a program cannot see whom it comes from. */
const ancestryMark = "DKMS_ALPM_WITHIN";

/** Whether this process comes from a run of ours. */
export function isWithinRun(): boolean {
  return process.env[ancestryMark] !== undefined;
}

/** The environment for the programs that we start: what is passed on of the caller's, and a fixed PATH. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(callerEnvironment())) if (passedOn.test(name)) environment[name] = value;
  return { ...environment, PATH: systemPath, [ancestryMark]: "1", ...extra };
}

/** The environment of what runs in the sandbox: nothing of the caller's, so that a build means the same whoever starts it. */
export function confinedEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = { HOME: "/tmp", USER: "root", LOGNAME: "root", SHELL: "/bin/bash", LANG: "C.UTF-8", TMPDIR: "/tmp" };
  return { ...own, PATH: systemPath, [ancestryMark]: "1", ...extra };
}

/** `uname -r` */
export function runningRelease(): string {
  return release();
}

/** `uname -m` */
export function machineArchitecture(): string {
  return machine();
}

/** Processors that this process may use. */
export function processors(): number {
  return availableParallelism();
}

/** The effective user is root. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Whether this process can become other users: root of the machine, or of a user namespace that has more users than one. */
export function canBecomeOthers(): boolean {
  if (!isRoot()) return false;
  try {
    const ranges = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
    return ranges.length > 1 || ranges[0]?.trim().split(/\s+/)[2] !== "1";
  } catch {
    return true;
  }
}

/** Memory that a build may take without swapping, in bytes; undefined where the kernel does not tell. */
export function availableMemory(): number | undefined {
  try {
    const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** The id of this process, for names of temporary files. */
export function processId(): number {
  return process.pid;
}

/** Resolves relative paths that the user typed. A directory that has been deleted has no path any more; by this name it is found empty. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/proc/self/cwd";
  }
}

/** Every program starts in a known state: new files are readable by all, as pacman's are. */
export function setUmask(): void {
  process.umask(0o022);
}
