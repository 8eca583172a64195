/** Two machines with the same made-up modules and kernels, all built and installed: ours in one, the reference in the other. */
import { join } from "node:path";
import { need } from "../e2e/command.ts";
import { createTwins, type Twins } from "../e2e/differential/twins.ts";
import type { Machine } from "../e2e/machine.ts";

/** Where modules, kernels and what is known of them live. */
const places = ["/var/lib/dkms", "/var/lib/dkms-alpm", "/usr/src", "/usr/lib/modules"];

/** Machines that are filled anew for each row. */
export interface LaidMachines extends Twins {
  /** Lays out so many modules for so many kernels in both. */
  lay(modules: number, kernels: number): Promise<void>;
  /** Puts what is laid out aside, in both, under a name. */
  stow(scene: string): Promise<void>;
  /** Brings back in one of them what was put aside; what was there before is put aside again. */
  show(machine: Machine, scene: string): Promise<void>;
}

/** Moves the places that lie there to where the name of their scene says, and those of another scene to their places. */
const exchange = `set -eu
stage=/var/bench; current=$(cat "$stage/current" 2>/dev/null || true)
[ "$current" != "$1" ] || exit 0
move() { for place in ${places.join(" ")}; do mkdir -p "$2\${place%/*}"; mv -T "$1$place" "$2$place"; done; }
mkdir -p "$stage"
[ -z "$current" ] || move "" "$stage/$current"
[ -z "$1" ] || move "$stage/$1" ""
printf %s "$1" >"$stage/current"`;

/** Makes the machines; `program` is what `buildLayOut` has made. */
export async function laidMachines(program: string): Promise<LaidMachines> {
  const twins = await createTwins();
  const { ours, reference } = twins;
  const show = async (machine: Machine, scene: string): Promise<void> => {
    await machine.need(["sh", "-c", exchange, "sh", scene]);
  };
  return {
    ...twins,
    lay: async (modules, kernels) => {
      await twins.reset([]);
      await need(["cp", program, ours.path("/tmp/lay-out.mjs")]);
      await ours.need(["node", "/tmp/lay-out.mjs", String(modules), String(kernels)], { timeout: 300 });
      for (const place of places) {
        await need(["mkdir", "-p", reference.path(place)]);
        await need(["cp", "-aT", ours.path(place), reference.path(place)]);
      }
    },
    show,
    stow: async (scene) => {
      for (const machine of [ours, reference]) {
        machine.write("/var/bench/current", scene);
        await show(machine, "");
      }
    },
  };
}

/** The start of a program of ours as a hook starts it: the words of its Exec line. */
export function hookCommand(program: string): readonly string[] {
  return ["/bin/sh", "-c", `exec ${join("/usr/lib/dkms-alpm", "run-hook")} ${program}`];
}
