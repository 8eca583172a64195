/** Transactions as hook programs see them: a state of the machine, what pacman changes in it, and the hooks that it runs then. */
import { rmSync } from "node:fs";
import { madeUpKernels } from "../differential/made-up-kernels.ts";
import { madeUpModules, type MadeUpModule } from "../differential/made-up-modules.ts";
import { hookRun, type CrashMachine, type Run } from "./crash-machine.ts";

/** A transaction: what it changes in the files of the machine, and its hooks in their order; or a command that a person gives. */
export interface Transaction {
  readonly name: string;
  readonly change: (machine: CrashMachine) => Promise<void>;
  readonly runs: readonly [Run, ...Run[]];
}

/** A transaction, and the one before it that made the state in which it begins. */
export interface Story extends Transaction {
  readonly before: Transaction;
}

const old = "6.1.10-arch1-1";
const young = "6.1.20-arch1-1";

/** One kernel compresses its modules, and brings one that the module `pair` has in a newer version. */
const kernelFills = new Map<string, Awaited<ReturnType<typeof madeUpKernels>>>([
  [old, await madeUpKernels([{ release: old, suffix: ".zst", modules: ["second"] }])],
  [young, await madeUpKernels([{ release: young }])],
]);

/** `pair` has two objects, `user` is built with it; the others have no part in what is killed. */
const sources: readonly MadeUpModule[] = [
  { name: "pair", version: "1", objects: ["first", "second"] },
  { name: "pair", version: "2", objects: ["first", "third"] },
  { name: "user", version: "1", conf: 'BUILD_DEPENDS[0]="pair"\n' },
  { name: "other", version: "1" },
  { name: "leaving", version: "1" },
];
const sourceFills = new Map<string, Awaited<ReturnType<typeof madeUpModules>>>();
for (const module of sources) sourceFills.set(`${module.name}-${module.version}`, await madeUpModules([module]));

interface Files {
  readonly brings?: readonly string[];
  readonly removes?: readonly string[];
}

function transaction(name: string, { brings = [], removes = [] }: Files): Transaction {
  const run = (program: "dkms-install" | "dkms-remove", names: readonly string[]): Run[] =>
    names.length === 0 ? [] : [hookRun(program, names.flatMap(targetsOf))];
  const [first, ...rest] = [...run("dkms-install", brings), ...run("dkms-remove", removes)];
  if (first === undefined) throw new Error(`${name} changes nothing`);
  const change = async (machine: CrashMachine): Promise<void> => {
    for (const removed of removes) removePackaged(machine, removed);
    await machine.bring(
      brings.map((come) => kernelFills.get(come) ?? sourceFills.get(come)).filter((fill) => fill !== undefined),
    );
  };
  return { name, change, runs: [first, ...rest] };
}

function targetsOf(name: string): string[] {
  if (!kernelFills.has(name)) return [`usr/src/${name}/dkms.conf`];
  return ["build/include/", "modules.order"].map((path) => `usr/lib/modules/${name}/${path}`);
}

/** pacman leaves what it does not own: our objects, and what depmod has written. */
function removePackaged(machine: CrashMachine, name: string): void {
  if (!kernelFills.has(name)) return machine.remove(`/usr/src/${name}`);
  const packaged = "build kernel pkgbase modules.order modules.builtin".split(" ");
  for (const path of packaged)
    rmSync(machine.path(`/usr/lib/modules/${name}/${path}`), { recursive: true, force: true });
}

function command(words: string, files: Files = {}): Transaction {
  const argv = ["dkms", ...words.split(" ")];
  const change = files.brings === undefined ? async () => {} : transaction(words, files).change;
  return { name: `dkms ${words}`, change, runs: [{ argv, targets: [] }] };
}

const bystanders = ["leaving-1"];
const both = ["pair-1", "user-1"];

/** The transactions whose hooks are killed. */
export const stories: readonly [Story, ...Story[]] = [
  {
    ...transaction("modules come", { brings: both }),
    before: transaction("kernels", { brings: [old, young, ...bystanders] }),
  },
  {
    ...transaction("a kernel comes", { brings: [young] }),
    before: transaction("one kernel with modules", { brings: [old, ...both, ...bystanders] }),
  },
  {
    ...transaction("a module is upgraded", { brings: ["pair-2"], removes: ["pair-1"] }),
    before: transaction("kernels with modules", { brings: [old, young, "pair-1", ...bystanders] }),
  },
  {
    ...transaction("the kernel is upgraded", { brings: [young], removes: [old] }),
    before: transaction("one kernel with modules", { brings: [old, ...both, ...bystanders] }),
  },
  {
    ...transaction("modules go", { removes: both }),
    before: transaction("kernels with modules", { brings: [old, young, ...both, ...bystanders] }),
  },
  {
    ...command(`install pair/1 -k ${old}`, { brings: ["pair-1"] }),
    before: transaction("kernels alone", { brings: [old, young, ...bystanders] }),
  },
  {
    ...command("remove user/1 --all"),
    before: transaction("kernels with modules", { brings: [old, young, ...both, ...bystanders] }),
  },
  {
    ...command(`uninstall pair/1 -k ${old}`),
    before: transaction("kernels with modules", { brings: [old, young, "pair-1", ...bystanders] }),
  },
];

/** Runs that have nothing to do with those that were killed. */
export const unrelated: readonly [Transaction, ...Transaction[]] = [
  transaction("another module comes", { brings: ["other-1"] }),
  transaction("another module goes", { removes: ["leaving-1"] }),
  command(`install other/1 -k ${young}`, { brings: ["other-1"] }),
];
