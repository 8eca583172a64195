/** A transaction with the guard and the install hook, against the same transaction without hooks and the same makes by hand after it. */
import { bootableReleases, kernelPackages } from "../e2e/kernel-packages.ts";
import type { Machine } from "../e2e/machine.ts";
import { modulePackage } from "../e2e/module-packages.ts";
import { projectMachine } from "../e2e/project-package.ts";
import { bareMakes } from "./bare-makes.ts";
import type { BuildOrder } from "./build-rows.ts";
import { clear, flags } from "./build-scene.ts";
import { measure, type Measured } from "./measure.ts";
import { ratioBar, type Row } from "./row.ts";

/** Measures it for a kernel that arrives with its headers; modules are installed before. */
export async function transactionRow({ modules, rounds }: BuildOrder): Promise<Row> {
  const release = (await bootableReleases("cloud-amd64")).at(-1);
  if (release === undefined) throw new Error("the archive has no kernel with its headers");
  const linux = await kernelPackages({ pkgbase: "linux", release, headers: "whole" });
  const packages = await Promise.all(modules.map((name) => modulePackage({ deb: `${name}-dkms` })));
  const machine = await projectMachine({ osRelease: "arch", packages });
  try {
    flags(machine, "same flags");
    const transaction = ["pacman", "--noconfirm", "-U", ...linux.both];
    // It tells which make commands there are to compare with.
    const pairs = fromTheGuard(await machine.need(transaction, { timeout: 3600 }));
    const byHand = `"$@" && ${bareMakes(machine)}`;
    const figures = await measure(
      {
        floor: command(machine, { hooks: false, argv: ["bash", "-c", byHand, "bash", ...transaction] }),
        ours: command(machine, { hooks: true, argv: transaction }),
      },
      rounds,
    );
    return {
      title: `a transaction with guard and install hook, ${pairs} pairs`,
      measure: "milliseconds",
      floor: figures.floor.wall,
      ours: figures.ours.wall,
      reference: undefined,
      bars: [ratioBar("of the same builds by hand", figures.ours.wall, figures.floor.wall, 1.06)],
    };
  } finally {
    await machine.dispose();
  }
}

const hookFiles = "/usr/share/libalpm/hooks";
const masks = "/etc/pacman.d/hooks";

function command(
  machine: Machine,
  { hooks, argv }: { readonly hooks: boolean; readonly argv: readonly string[] },
): Measured {
  const before = async (): Promise<void> => {
    await machine.run(["pacman", "--noconfirm", "-R", "linux", "linux-headers"], { timeout: 300 });
    await clear(machine, "everything");
    for (const name of machine.list(hookFiles).filter((one) => one.includes("dkms"))) {
      if (hooks) machine.remove(`${masks}/${name}`);
      else await machine.need(["ln", "-sfT", "/dev/null", `${masks}/${name}`]);
    }
  };
  return {
    run: (words, options) => machine.run(words, options),
    argv,
    timeout: 3600,
    orphans: "counted",
    isLong: true,
    before,
  };
}

/** How many results the install hook has taken from the guard; without any there is nothing to measure. */
function fromTheGuard(output: string): number {
  const [, names = ""] = /Installed from the test build: (.+) for /.exec(output) ?? [];
  const count = names.split(/, | and /).filter((name) => name !== "").length;
  if (count === 0) throw new Error(`nothing comes from the guard:\n${output}`);
  return count;
}
