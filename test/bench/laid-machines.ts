/** Two machines with the same made-up modules and kernels, all built and installed: ours in one, the reference in the other. */
import { join } from "node:path";
import { need } from "../e2e/command.ts";
import { createTwins, type Twins } from "../e2e/differential/twins.ts";

/** Where modules, kernels and what is known of them live. */
const places = ["/var/lib/dkms", "/var/lib/dkms-alpm", "/usr/src", "/usr/lib/modules"];

/** Machines that are filled anew for each row. */
export interface LaidMachines extends Twins {
  /** Lays out so many modules for so many kernels in both. */
  lay(modules: number, kernels: number): Promise<void>;
}

/** Makes the machines; `program` is what `buildLayOut` has made. */
export async function laidMachines(program: string): Promise<LaidMachines> {
  const twins = await createTwins();
  const { ours, reference } = twins;
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
  };
}

/** The start of a program of ours as a hook starts it: the words of its Exec line. */
export function hookCommand(program: string): readonly string[] {
  return ["/bin/sh", "-c", `exec ${join("/usr/lib/dkms-alpm", "run-hook")} ${program}`];
}
