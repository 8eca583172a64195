/** Two machines that are alike but for their `dkms`: the reference's, as Debian packages it, in one, and ours in the other. */
import { readdirSync, rmSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { type CommandResult, need } from "../command.ts";
import { unpackedDeb } from "../debs.ts";
import { createMachine, type Machine, type RunOptions } from "../machine.ts";
import { projectPackage } from "../project-package.ts";

/** The release of the kernel that runs: `dkms` takes it where no kernel is named. */
export const running = release();

export type Program = "ours" | "reference";

export const programs: readonly Program[] = ["ours", "reference"];

/** What a folder of the machines is to hold: a folder of the host is copied over it. */
export interface Fill {
  /** A folder of the host. */
  readonly from: string;
  /** The folder inside that gets its contents. */
  readonly to: string;
}

export interface Twins extends Readonly<Record<Program, Machine>> {
  /** Empties everything that modules and kernels live in, and fills it anew, in both. */
  reset(fills: readonly Fill[]): Promise<void>;
  /** Runs `dkms` with these words in one of them, in the language that programs expect. */
  dkms(program: Program, words: readonly string[], options?: RunOptions): Promise<CommandResult>;
  dispose(): Promise<void>;
}

/** Makes both machines, in about a second. */
export async function createTwins(): Promise<Twins> {
  const [ours, reference, project, debian] = await Promise.all([
    createMachine({ host: "absent" }),
    createMachine({ host: "absent" }),
    projectPackage(),
    unpackedDeb("dkms"),
  ]);
  // Unpacked and not installed: pacman's part is none of this.
  await need(["bsdtar", "-xf", project, "-C", ours.path("/")]);
  for (const folder of ["etc/dkms", "usr/lib/dkms", "usr/sbin"]) {
    const source = join(debian.folder, folder);
    await need(["cp", "-aT", source, reference.path(folder)]);
  }
  return {
    ours,
    reference,
    reset: async (fills) => {
      await Promise.all([refill(ours, fills), refill(reference, fills)]);
    },
    dkms: (program, words, options) =>
      machineOf(program).run(["dkms", ...words], { ...options, env: { LC_ALL: "C", ...options?.env } }),
    dispose: async () => {
      await Promise.all([ours.dispose(), reference.dispose()]);
    },
  };
  function machineOf(program: Program): Machine {
    return program === "ours" ? ours : reference;
  }
}

/** Where modules, kernels and what is known of them live. */
const places =
  "/etc/dkms /var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm /var/log/dkms-alpm /usr/src /usr/lib/modules /tmp".split(
    " ",
  );

async function refill(machine: Machine, fills: readonly Fill[]): Promise<void> {
  for (const place of places) {
    const path = machine.path(place);
    for (const name of machine.list(place)) rmSync(join(path, name), { recursive: true, force: true });
  }
  for (const { from, to } of fills) {
    await need(["mkdir", "-p", machine.path(to)]);
    // Entry by entry: the folder itself stays as the machine has it.
    const entries = readdirSync(from).map((name) => join(from, name));
    if (entries.length > 0) await need(["cp", "-a", ...entries, machine.path(to)]);
  }
}
