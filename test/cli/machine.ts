/** A scratch machine for tests of the built `dkms`: trees of its own, kernels without a compiler, modules that an earlier run has left. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, elf, makeScratch, put, type Scratch } from "../act/install/scratch.ts";

const program = resolve(import.meta.dirname, "../../dist/bin/dkms");

/** How a command ended. */
interface Answer {
  readonly status: number | null;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** One machine. */
export interface Machine extends Scratch {
  /** Runs `dkms` with these words on it. */
  dkms(...words: readonly string[]): Answer;
  /** A module's source in the source tree. */
  source(module: string, conf?: string): void;
  /** A kernel directory; Arch's have a `pkgbase`. */
  kernel(release: string, spec?: { readonly pkgbase?: string; readonly headers?: "yes" | "no" }): string;
}

/** Makes a machine whose kernel is 6.1.0-test; `scripts/build` must have made the bundle that is to be tested. */
function makeMachine(): Machine {
  if (!existsSync(program)) throw new Error(`${program} does not exist: run scripts/build first`);
  const scratch = makeScratch();
  const { layout } = scratch;
  mkdirSync(layout.sourceTree, { recursive: true });
  const trees = ["--dkmstree", layout.dkmsTree, "--sourcetree", layout.sourceTree, "--installtree", layout.installTree];
  return {
    ...scratch,
    dkms: (...words) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, ...trees], {
        encoding: "utf8",
      });
      const lines = (text: string): readonly string[] => text.replaceAll(scratch.root, "").split("\n").slice(0, -1);
      return { status, out: lines(stdout), err: lines(stderr) };
    },
    source: (module, conf = "") => {
      const [name = "", version = ""] = module.split("/");
      const usual = `PACKAGE_NAME=${name}\nPACKAGE_VERSION=${version}\nBUILT_MODULE_NAME=${name}\nDEST_MODULE_LOCATION=/updates\nAUTOINSTALL=yes\n`;
      put(join(layout.sourceTree, `${name}-${version}`, "dkms.conf"), `${usual}${conf}`);
    },
    kernel: (release, { pkgbase, headers = "no" } = {}) => {
      const directory = join(layout.installTree, release);
      put(join(directory, "modules.order"), "");
      mkdirSync(join(directory, "kernel"), { recursive: true });
      if (pkgbase !== undefined) put(join(directory, "pkgbase"), `${pkgbase}\n`);
      if (headers === "yes") mkdirSync(join(directory, "build/include"), { recursive: true });
      return directory;
    },
  };
}

/** Runs a test on a machine and takes the machine away. */
export function onMachine(work: (machine: Machine) => void): () => void {
  return () => {
    const machine = makeMachine();
    try {
      work(machine);
    } finally {
      machine.remove();
    }
  };
}

/** A built object of a module that 6.1.0-test can load. */
export const object = elf({ version: "1", vermagic: "6.1.0-test SMP" });

/** Puts the result of a build of `module` for 6.1.0-test into the tree, without a source. */
export function built(machine: Machine, module: string): ReturnType<typeof build> {
  return build(machine, module, { [`${module.split("/")[0]}.ko`]: object });
}
