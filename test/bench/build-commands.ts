/** What both programs are measured at: the same builds, begun from the same state, and compared when they have ended. */
import type { Twins } from "../e2e/differential/twins.ts";
import type { Machine } from "../e2e/machine.ts";
import { clear, flags, kernelTargets } from "./build-scene.ts";
import type { Figures, Measured } from "./measure.ts";
import type { Bar, Row } from "./row.ts";

/** The hook program that builds and installs. */
export const installProgram = "/usr/lib/dkms-alpm/bin/dkms-install";

/** Figures of work that only one of the two has done are worth nothing. */
export async function sameInstalled({ ours, reference }: Twins): Promise<void> {
  const [mine, others] = await Promise.all([ours, reference].map((machine) => machine.need(["dkms", "status"])));
  if (states(mine) === states(others)) return;
  throw new Error(`not the same is installed. Ours:\n${mine}\nThe reference's:\n${others}`);
}

/** Without remarks: where a kernel brings a module of the same name, the reference compares with that and warns of a difference. */
function states(status: string | undefined): string {
  return (status ?? "").replaceAll(/ \(WARNING!.*\)$/gm, "");
}

/** What the last run has built: not every module is meant for every kernel. */
export function pairsIn(machine: Machine): number {
  return machine.tree("/var/lib/dkms-alpm/stamps").length;
}

/** Rows for wall time, which the bars are about, and for processor time. */
export function rowsOf(
  title: string,
  { floor, ours, reference }: Readonly<Record<"floor" | "ours" | "reference", Figures>>,
  bars: readonly Bar[],
): readonly Row[] {
  const wall = { floor: floor.wall, ours: ours.wall, reference: reference.wall };
  const cpu = { floor: floor.cpu, ours: ours.cpu, reference: reference.cpu };
  return [
    { title, measure: "milliseconds", ...wall, bars },
    { title, measure: "processor milliseconds", ...cpu, bars: [] },
  ];
}

/** The install hook of ours, as if every kernel were new and nothing were built. */
export function building({ ours }: Twins, how: "same flags" | "spared"): Measured {
  const before = async (): Promise<void> => {
    await clear(ours, "everything");
    flags(ours, how);
  };
  return { ...counted(ours, [installProgram]), input: kernelTargets(ours), before };
}

/** All that the reference would do for the same kernels. */
export function referenceBuild({ reference }: Twins): Measured {
  // Its status counts a module that is not meant for a kernel as a failure; what it has installed is compared at the end.
  const loop = 'for kernel in /usr/lib/modules/*; do dkms autoinstall -k "${kernel##*/}"; done; true';
  const before = async (): Promise<void> => {
    await clear(reference, "everything");
    for (const name of reference.list("/usr/src")) {
      if (reference.exists(`/usr/src/${name}/dkms.conf`)) await reference.need(["dkms", "add", `/usr/src/${name}`]);
    }
  };
  return { ...counted(reference, ["bash", "-c", loop]), before };
}

/** A command whose processor time is that of all that it has started. */
export function counted(machine: Machine, argv: readonly string[]): Measured {
  return {
    run: (words, options) => machine.run(words, options),
    argv,
    timeout: 14_400,
    isLong: true,
    orphans: "counted",
  };
}
