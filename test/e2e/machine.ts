/** A disposable machine: an overlay of the host's `/` (or of a root of the newest generation) in which the real pacman can install, upgrade and remove what it likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheDirectory, cached, contentKey, layerStore } from "./cache.ts";
import { type Command, type CommandOptions, type CommandResult, startCommand } from "./command.ts";
import { hostPackages } from "./host-packages.ts";
import { lowestLayer } from "./generation.ts";
import { machineNode, nodeVersion } from "./node-under-test.ts";
import { type MachineFiles, machineFiles } from "./machine-files.ts";

export interface MachineOptions {
  /** Packages (paths of archives) to install by `pacman -U` before the test begins. */
  readonly packages?: readonly string[];
  /** Packages to install after them, in a transaction of their own. */
  readonly morePackages?: readonly string[];
  /** What /etc/os-release says: the host's words, or Arch's. */
  readonly osRelease?: "host" | "arch";
  /** Size of the machine's only writable disk, as tmpfs understands it (`64m`, `50%`). */
  readonly disk?: string;
  /** Paths of the host to leave visible that would otherwise be hidden. */
  readonly show?: readonly string[];
  /** `installed` (the rule): empty packages stand for what the host supplies, so that dependencies are found. */
  readonly host?: "installed" | "absent";
}

export interface RunOptions extends CommandOptions {
  /** `machine` (the rule) is the machine itself; `chroot` a plain chroot in it, as install media use. */
  readonly enter?: "machine" | "chroot";
}

/** A machine with its commands; what it holds is removed when it is disposed of, or when the test process ends in any way. */
export interface Machine extends MachineFiles {
  /** Runs a command to its end, by default for at most 120 seconds; its environment is clean but for `env`. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Starts a command that the test will watch or kill. */
  start(argv: readonly string[], options?: RunOptions): Command;
  /** Runs a command that must succeed, and gives its standard output. */
  need(argv: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `pacman --noconfirm` with these arguments. */
  pacman(...args: readonly string[]): Promise<CommandResult>;
  dispose(): Promise<void>;
}

/** What the host has in these places is not seen in a machine. */
const hidden = `
  /etc/dkms /etc/dkms-alpm.conf /etc/pacman.conf /etc/pacman.d /etc/mkinitcpio.conf
  /etc/kernel/install.d /etc/kernel/postinst.d /etc/kernel/prerm.d /etc/kernel/header_postinst.d
  /usr/src /usr/lib/modules /usr/lib/dkms /usr/lib/dkms-alpm /usr/share/libalpm /boot
  /usr/share/man/man8/dkms.8.gz /usr/share/bash-completion/completions/dkms
  /usr/bin/dkms /usr/sbin/dkms /usr/bin/node /usr/local/bin /usr/local/sbin
  /var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm /var/log/dkms-alpm
  /var/lib/pacman /var/cache/pacman /var/log/pacman.log
  ${resolve(import.meta.dirname, "../..")}`;

const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin",
  HOME: "/root",
  LANG: "C.UTF-8",
  USER: "root",
};

/**
 * Makes a machine in a moment; throws with the reason where this host cannot (not root, no overlayfs, no pacman). What is to be installed in it is installed once:
 * the machines of all tests that want the same share it as a layer below their own.
 */
export async function createMachine(options: MachineOptions = {}): Promise<Machine> {
  checkHost();
  const transactions = await transactionsOf(options);
  if (!hasLayerStore()) {
    const machine = await emptyMachine(options, { layers: [] });
    for (const words of transactions) await succeed(machine.pacman(...words));
    return machine;
  }
  const layers: string[] = [];
  for (const [index] of transactions.entries()) {
    layers.unshift(await installedLayer(options, transactions.slice(0, index + 1), [...layers]));
  }
  return emptyMachine(options, { layers });
}

/** The words of the transactions by which a machine gets what it is to have. */
async function transactionsOf(options: MachineOptions): Promise<readonly (readonly string[])[]> {
  const transactions: string[][] = [];
  if (options.host !== "absent") transactions.push(["-U", "--asdeps", "--overwrite", "*", ...(await hostPackages())]);
  for (const packages of [options.packages ?? [], options.morePackages ?? []]) {
    if (packages.length > 0) transactions.push(["-U", ...packages]);
  }
  return transactions;
}

/** Whether this test file was started by test/run.ts. */
function hasLayerStore(): boolean {
  const found = statSync(layerStore, { throwIfNoEntry: false });
  return found !== undefined && found.dev !== statSync(cacheDirectory).dev;
}

/** What the last of some transactions writes, as a directory of the store; the layers below it hold what the others have written. */
async function installedLayer(
  options: MachineOptions,
  transactions: readonly (readonly string[])[],
  below: readonly string[],
): Promise<string> {
  // Paths of archives stand for their contents: they are in the cache, under a name made from these.
  const key = contentKey([
    initText,
    lowestLayer,
    machineNode,
    nodeVersion,
    options.osRelease,
    options.show,
    hidden,
    transactions,
  ]);
  const folder = await cached(`layers/${key}`, async (making) => {
    const machine = await emptyMachine(options, { layers: below, kept: making });
    try {
      await succeed(machine.pacman(...(transactions.at(-1) ?? [])));
    } finally {
      await machine.dispose();
    }
  });
  return join(folder, "upper");
}

interface Layers {
  /** Directories of the store with what is installed already, the last one first. */
  readonly layers: readonly string[];
  /** A directory that gets what the machine writes; without it that is lost. */
  readonly kept?: string;
}

/** A machine in which nothing is installed but what these layers hold. */
async function emptyMachine(options: MachineOptions, storage: Layers): Promise<Machine> {
  const init = await startInit(options, storage);
  const start = (argv: readonly string[], given: RunOptions = {}): Command =>
    startCommand(entry(init.pid, argv, given), {
      timeout: given.timeout ?? 120,
      input: given.input,
      env: { ...cleanEnvironment, ...given.env },
    });
  const run = (argv: readonly string[], given?: RunOptions): Promise<CommandResult> => start(argv, given).result;
  return {
    ...machineFiles(`/proc/${init.pid}/root`),
    run,
    start,
    need: async (argv, given) => (await succeed(run(argv, given))).stdout,
    pacman: (...args) => run(["pacman", "--noconfirm", ...args], { timeout: 300 }),
    dispose: () => stop(init.child),
  };
}

function checkHost(): void {
  if (process.getuid?.() !== 0)
    throw new Error("a disposable machine needs root: run the tests as root (sudo scripts/test)");
  for (const program of ["unshare", "nsenter", "pacman", "bsdtar", "bwrap"]) {
    const found = ["/usr/bin", "/usr/sbin", "/bin"].some((folder) => existsSync(join(folder, program)));
    if (!found) throw new Error(`a disposable machine needs ${program}: run scripts/provision`);
  }
  // An overlay shows one file system of the host only.
  for (const folder of ["/usr", "/etc", "/var"]) {
    if (statSync(folder).dev !== statSync("/").dev)
      throw new Error(`${folder} is a file system of its own: not supported`);
  }
}

interface Init {
  readonly child: ChildProcess;
  /** The process id of the machine's first process, as the host sees it. */
  readonly pid: number;
}

async function startInit(options: MachineOptions, { layers, kept = "" }: Layers): Promise<Init> {
  const point = join(cacheDirectory, "mount-point");
  mkdirSync(point, { recursive: true });
  const show = options.show ?? [];
  const hide = hidden.split(/\s+/).filter((path) => path !== "" && !show.includes(path));
  const layout = [
    point,
    options.disk ?? "50%",
    lowestLayer,
    machineNode,
    cacheDirectory,
    options.osRelease ?? "host",
    layers.join(":"),
    kept,
  ];
  const namespaces = "--mount --pid --net --ipc --fork --kill-child --propagation private".split(" ");
  const child = spawn("unshare", [...namespaces, join(import.meta.dirname, "machine-init"), ...layout, ...hide], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C" },
  });
  let output = "";
  const ready = new Promise<number>((fulfil, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const pid = /^ready (\d+)$/m.exec(output)?.[1];
        if (pid !== undefined) fulfil(Number(pid));
      });
    }
    child.on("error", reject);
    child.on("exit", () =>
      reject(new Error(`no disposable machine on this host (root, overlayfs, namespaces?):\n${output}`)),
    );
  });
  const pid = await ready;
  // The machine ends with the test process, and must not keep it alive.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) Reflect.get(stream, "unref").call(stream);
  return { child, pid };
}

/** The kernel is the host's: nothing in a machine may load a module into it, or restart it. */
const withheld = "-sys_module,-sys_boot,-sys_time";

const initText = readFileSync(join(import.meta.dirname, "machine-init"), "utf8");

const plainChroot = readFileSync(join(import.meta.dirname, "machine-chroot"), "utf8");

function entry(pid: number, argv: readonly string[], options: RunOptions): string[] {
  const line = `nsenter --target ${pid} --mount --pid --net --ipc setpriv --bounding-set ${withheld} --inh-caps ${withheld}`;
  const words = line.split(" ");
  if (options.enter === "chroot") words.push("unshare", "--mount", "bash", "-c", plainChroot, "chroot");
  if (options.cwd !== undefined) words.push("env", `--chdir=${options.cwd}`);
  return [...words, ...argv];
}

async function succeed(pending: Promise<CommandResult>): Promise<CommandResult> {
  const result = await pending;
  if (result.status !== 0) throw new Error(`${result.argv.join(" ")} failed (${result.status}):\n${result.output}`);
  return result;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((fulfil) => {
    if (child.exitCode !== null || child.signalCode !== null) return fulfil();
    child.ref();
    child.on("exit", () => fulfil());
    child.stdin?.end();
  });
}
