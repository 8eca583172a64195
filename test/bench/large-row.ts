/** Measures one row of large-rows.ts, in machines of the newest generation: `large-row.ts NAME ROUNDS FILE [KEPT]` writes its figures as JSON, and keeps each round in KEPT. Started by scripts/bench. */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { contentKey, treeKey } from "../e2e/cache.ts";
import { kernelPackages, releases } from "../e2e/kernel-packages.ts";
import type { Machine } from "../e2e/machine.ts";
import { modulePackage } from "../e2e/module-packages.ts";
import { addLibrary } from "../e2e/newest/library.ts";
import { createTwins } from "../e2e/differential/twins.ts";
import { building, counted, pairsIn, referenceBuild, rowsOf, sameInstalled } from "./build-commands.ts";
import { fill } from "./build-scene.ts";
import { largeRows, stable, type LargeModule, type LargeRow } from "./large-rows.ts";
import { shellQuote } from "../../src/act/compile/shell-words.ts";
import { keptRounds, type Keeper } from "./kept-rounds.ts";
import { thisMachine } from "./this-machine.ts";
import { measure, type Figures, type Measured } from "./measure.ts";
import { ratioBar, type Bar, type Row } from "./row.ts";

const [, , rowName = "", rounds = "", file = "", kept] = process.argv;
const row = largeRows[rowName];
if (row === undefined) throw new Error(`there is no row ${rowName}`);
writeFileSync(file, JSON.stringify(await figures(row, Number(rounds))));

/** What rounds of other days must have in common: the program, what is built and how, and the machine. */
function keeper({ modules }: LargeRow, ours: Machine): Keeper {
  if (kept === undefined) return { earlier: [], keep: () => undefined };
  const project = join(import.meta.dirname, "../..");
  const [sources, hooks, lock] = [join(project, "src"), join(project, "hooks"), join(project, "package-lock.json")];
  return keptRounds(kept, {
    program: contentKey([treeKey(sources, hooks), readFileSync(lock, "utf8")]),
    modules: ours.list("/usr/src").join(" "),
    kernels: ours.list("/usr/lib/modules").join(" "),
    commands: contentKey([modules, byHand.toString()]),
    ...thisMachine(),
  });
}

async function figures(order: LargeRow, count: number): Promise<readonly Row[]> {
  const { modules } = order;
  const pairs = modules.length * order.kernels;
  const machines = await createTwins();
  const { ours, reference } = machines;
  try {
    const sources = modules.map(({ name: deb, edits }) =>
      modulePackage({ deb: `${deb}-dkms`, ...(edits && { edits }) }),
    );
    await fill(machines, [...(await kernelArchives(order)), ...(await Promise.all(sources))]);
    for (const machine of [ours, reference]) for (const module of modules) await addLibrary(machine, module.name);
    const { earlier, keep } = keeper(order, ours);
    const found = await measure(
      {
        floor: byHand(ours, modules),
        ours: building(machines, "same flags"),
        reference: referenceBuild(machines),
      },
      count,
      {
        earlier,
        after: async (round) => {
          await sameInstalled(machines);
          if (pairsIn(ours) !== pairs) throw new Error(`${pairsIn(ours)} of ${pairs} pairs are built`);
          keep(round);
        },
      },
    );
    const title = `${modules.map((one) => one.name).join(", ")} x ${ours.list("/usr/lib/modules").join(", ")}`;
    return rowsOf(title, found, [barFor(pairs, found)]);
  } finally {
    await machines.dispose();
  }
}

/** One pair is held to the same commands, several to what the processors could do in that time. */
function barFor(pairs: number, { floor, ours }: Readonly<Record<"floor" | "ours", Figures>>): Bar {
  const cores = availableParallelism();
  return pairs === 1
    ? ratioBar("of the same commands by hand", ours.wall, floor.wall, 1.05)
    : ratioBar(`of the processor time by hand / ${cores}`, ours.wall, floor.cpu / cores, 1.08);
}

/** Kernels without modules of their own, and their headers in one tree, as Arch has them. */
async function kernelArchives({ kernels, series }: LargeRow): Promise<readonly string[]> {
  const known = (await releases("amd64")).filter((release) => release.startsWith(series));
  if (known.length < kernels) throw new Error(`the archive has no ${kernels} kernels ${series}: ${known.join(", ")}`);
  const packages = known.slice(-kernels).map((release) => {
    const pkgbase = release.startsWith(stable) ? "linux-lts" : "linux";
    return kernelPackages({ pkgbase, release, headers: "whole" });
  });
  return (await Promise.all(packages)).flatMap(({ both }) => both);
}

/** Copies each source and builds it with a job for each processor, one after the other. Headers of Debian's name the compiler that ZFS has to be told. */
function byHand(machine: Machine, modules: readonly LargeModule[]): Measured {
  const builds = modules.map(({ name, commands }) => `build ${name.split("-")[0]} ${shellQuote(commands)}`);
  const script = `set -e
export MAKEFLAGS="-j$(nproc)"
rm -rf /tmp/bare
for release in $(ls /usr/lib/modules); do
  headers=/usr/lib/modules/$release/build
  CC=$(grep -o 'gcc-[0-9]*$' "$headers/.kernelvariables")
  export release headers CC KERNEL_CC=$CC
  build() {
    mkdir -p /tmp/bare/$1-$release
    cp -a /usr/src/$1*/. /tmp/bare/$1-$release
    (cd /tmp/bare/$1-$release && bash -ec "$2")
  }
  ${builds.join("\n  ")}
done`;
  return counted(machine, ["bash", "-c", script]);
}
