/** A machine whose modules and kernels can be put back to a former state within a moment, so that many runs can be killed in it. */
import { readdirSync } from "node:fs";
import type { Command } from "../command.ts";
import { need } from "../command.ts";
import { snapshot } from "../differential/snapshot.ts";
import type { Fill } from "../differential/twins.ts";
import { createMachine, type Machine } from "../machine.ts";
import { projectPackage } from "../project-package.ts";

/** Where modules, kernels and all that is known of them live. */
const places =
  "/var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm /var/log/dkms-alpm /run/dkms-alpm /usr/src /usr/lib/modules /tmp".split(
    " ",
  );

/** `all`: every process of the run at once, as when the power fails. `program`: the hook program alone; what it has started is left to itself. */
export type Victim = "all" | "program";

export interface CrashMachine extends Machine {
  /** Adds the contents of folders of the host. */
  bring(fills: readonly Fill[]): Promise<void>;
  /** Starts a program, so that it can be killed in a certain way. */
  begin(run: Run, victim?: Victim): Command;
  /** Keeps the present state under a name. */
  save(name: string): Promise<void>;
  /** Puts a saved state back. */
  restore(name: string): Promise<void>;
  /** The state as lines that can be compared: the tree, the kernels with their objects and index, what is remembered, `dkms status`. */
  state(): Promise<string[]>;
}

/** A program that is run, with what it reads. */
export interface Run {
  readonly argv: readonly string[];
  readonly targets: readonly string[];
}

/** A hook program as pacman's hook runs it. */
export function hookRun(program: "dkms-install" | "dkms-remove", targets: readonly string[]): Run {
  return { argv: ["/usr/lib/dkms-alpm/run-hook", program], targets };
}

/** Makes one; without pacman's part, since hooks are run by hand. */
export async function crashMachine(): Promise<CrashMachine> {
  const [machine, project] = await Promise.all([
    createMachine({ host: "absent", osRelease: "arch" }),
    projectPackage(),
  ]);
  await need(["bsdtar", "-xf", project, "-C", machine.path("/"), "--exclude", ".*"]);
  const script = async (text: string, name: string): Promise<void> => {
    await machine.need(["sh", "-euc", text, name, ...places]);
  };
  return {
    ...machine,
    bring: async (fills) => {
      for (const { from, to } of fills) {
        const entries = readdirSync(from).map((name) => `${from}/${name}`);
        await need(["cp", "-a", ...entries, machine.path(to)]);
      }
    },
    begin: ({ argv, targets }, victim = "program") => {
      const apart = victim === "all" ? "unshare --pid --fork --kill-child --mount-proc".split(" ") : [];
      const input = `${targets.join("\n")}\n`;
      return machine.start([...apart, ...argv], { input, timeout: 60 });
    },
    save: (name) => script(saving, name),
    restore: (name) => script(restoring, name),
    state: async () => [
      ...snapshot(machine),
      ...machine.list("/usr/lib/modules").flatMap((release) => indexLines(machine, release)),
      // A report is named after the moment.
      ...machine
        .tree("/var/lib/dkms-alpm")
        .filter((path) => !path.startsWith("reports/"))
        .map((path) => `remembered ${path}`),
      ...machine.list("/tmp").map((path) => `temporary ${path}`),
      await machine.need(["dkms", "status"]),
    ],
  };
}

/** The state's name is the script's own name, the places are its arguments. */
const saving = `
for place; do
  [ -d "$place" ] || continue
  mkdir -p "/saved/$0$place"
  cp -aT "$place" "/saved/$0$place"
done`;

const restoring = `
for place; do
  [ ! -d "$place" ] || find "$place" -mindepth 1 -delete
  [ ! -d "/saved/$0$place" ] || cp -aT "/saved/$0$place" "$place"
done`;

function indexLines(machine: Machine, release: string): string[] {
  const index = `/usr/lib/modules/${release}/modules.dep`;
  return machine.exists(index) ? [`${index}: ${machine.read(index)}`] : [];
}
