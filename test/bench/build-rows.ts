/** Rows that take minutes: real modules for real kernels, against the reference and against nothing but their makes. */
import { availableParallelism } from "node:os";
import { countCompiler } from "../e2e/compiler-count.ts";
import { bootableReleases, kernelPackages, type Flavour, type KernelSpec } from "../e2e/kernel-packages.ts";
import { modulePackage, tinyModule } from "../e2e/module-packages.ts";
import type { Twins } from "../e2e/differential/twins.ts";
import { bareMakes } from "./bare-makes.ts";
import { building, counted, installProgram, pairsIn, referenceBuild, rowsOf, sameInstalled } from "./build-commands.ts";
import { clear, fill, kernelTargets } from "./build-scene.ts";
import { measure, type Measured } from "./measure.ts";
import { peakOf, type Peak } from "./peak.ts";
import { ratioBar, type Bar, type Row } from "./row.ts";

const flavours: readonly Flavour[] = ["amd64", "cloud-amd64", "rt-amd64"];

/** Real modules, small and large, by their names in Debian. */
export const usualModules = "v4l2loopback bbswitch acpi-call ddcci tp-smapi jool apfs dm-writeboost";

/** What is built, and how often. */
export interface BuildOrder {
  readonly modules: readonly string[];
  readonly rounds: number;
}

/** The rows, one after the other. */
export async function* buildRows(machines: Twins, order: BuildOrder): AsyncGenerator<Row, void> {
  const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
  // Kernels without modules of their own, as depmod would be most of what is measured.
  await fill(machines, [...(await kernels("made-up")), tiny]);
  yield* smallRows(machines, order.rounds);

  const real = await Promise.all(order.modules.map((name) => modulePackage({ deb: `${name}-dkms` })));
  // Kernels with the thousands that they bring: every depmod reads them all.
  await fill(machines, [...(await kernels("debian")), ...real]);
  yield* realRows(machines, order);
  // The last one: the compiler that counts stays, and waits for somebody who listens.
  yield await guardedRow(machines, order.rounds);
}

/** Archives of the newest kernel of each flavour, and of its headers. */
async function kernels(image: NonNullable<KernelSpec["image"]>): Promise<string[]> {
  const packages = flavours.map(async (flavour) => {
    const release = (await bootableReleases(flavour)).at(-1);
    if (release === undefined) throw new Error(`the archive has no kernel ${flavour} with its headers`);
    return (await kernelPackages({ pkgbase: `linux-${flavour}`, release, image })).both;
  });
  return (await Promise.all(packages)).flat();
}

/** As most machines are set up: no settings of the administrator's own, and the makes get the flags that ours gives them then. */
async function* smallRows(machines: Twins, rounds: number): AsyncGenerator<Row, void> {
  const { floor, reference } = (await builds(machines)).all;
  const bare = { ...floor, argv: ["env", "KCFLAGS=-g0", ...floor.argv] };
  const figures = await measure({ floor: bare, ours: building(machines, "spared"), reference }, rounds);
  const each = (figures.ours.wall - figures.floor.wall) / pairsIn(machines.ours);
  const bar: Bar = { words: "ms a pair beyond the bare makes", value: each, atMost: 150 };
  yield* rowsOf(`1 small module x ${flavours.length} kernels, nothing cached`, figures, [bar]);
}

async function* realRows(machines: Twins, { modules, rounds }: BuildOrder): AsyncGenerator<Row, void> {
  const { all, peak } = await builds(machines);
  const sparing = building(machines, "spared");
  const figures = await measure(
    {
      ...all,
      spared: sparing,
      // What the spared build has kept is there; the reference builds again whatever it has removed.
      cached: { ...sparing, before: () => clear(machines.ours, "all but results") },
    },
    rounds,
  );
  await sameInstalled(machines);
  const title = `${modules.length} real modules x ${flavours.length} kernels, nothing cached`;
  const cores = availableParallelism();
  yield* rowsOf(`${title}, flags of the bare makes`, figures, [
    ratioBar(`of the bare makes' processor time / ${cores}`, figures.ours.wall, figures.floor.cpu / cores, 1.08),
    ratioBar("of the reference", figures.ours.wall, figures.reference.wall, 0.75),
  ]);
  const { floor, spared, reference, cached } = figures;
  yield* rowsOf(`${title}, without needless debug information`, { floor, ours: spared, reference }, []);
  yield {
    title: `${pairsIn(machines.ours)} pairs removed and installed again`,
    measure: "milliseconds",
    floor: undefined,
    ours: cached.wall,
    reference: reference.wall,
    bars: [ratioBar("of the reference", cached.wall, reference.wall, 1 / 15)],
  };
  yield memoryRow(machines, peak);
}

/** The install hook where every result is known, as a test before the transaction leaves it; that no compiler runs is counted, not believed. */
async function guardedRow(machines: Twins, rounds: number): Promise<Row> {
  const { ours } = machines;
  const compiler = await countCompiler(ours);
  try {
    const before = (): Promise<void> => clear(ours, "all but results");
    // The stand-in that counts is another compiler: with it everything is built once more.
    await clear(ours, "everything");
    await ours.need([installProgram], { input: kernelTargets(ours), timeout: 3600 });
    compiler.take();
    const figures = await measure({ ours: { ...building(machines, "spared"), before } }, rounds);
    const pairs = pairsIn(ours);
    const compiled: Bar = { words: "files compiled", value: compiler.take().length, atMost: 0 };
    const limit: Bar = { words: "ms for the hook", value: figures.ours.wall, atMost: 1000 + 100 * pairs };
    const title = `install hook, ${pairs} pairs that the guard has built`;
    const values = { floor: undefined, ours: figures.ours.wall, reference: undefined };
    return { title, measure: "milliseconds", ...values, bars: [limit, compiled] };
  } finally {
    compiler.close();
  }
}

function memoryRow({ ours }: Twins, { mebibytes }: Peak): Row {
  const title = `memory of our own process while it builds ${pairsIn(ours)} pairs`;
  const bar: Bar = { words: "MiB", value: mebibytes, atMost: 150 };
  return { title, measure: "MiB", floor: undefined, ours: mebibytes, reference: undefined, bars: [bar] };
}

/** The same work three times: bare, ours, the reference's; and the memory of a first run of ours. */
async function builds(
  machines: Twins,
): Promise<{ readonly all: Readonly<Record<"floor" | "ours" | "reference", Measured>>; readonly peak: Peak }> {
  const { ours } = machines;
  await clear(ours, "everything");
  // It also tells which make commands there are to compare with.
  const peak = await peakOf(ours, [installProgram], kernelTargets(ours));
  if (peak.result.status !== 0) throw new Error(`a first run failed:\n${peak.result.output}`);
  const all = {
    floor: counted(ours, ["bash", "-c", bareMakes(ours)]),
    ours: building(machines, "same flags"),
    reference: referenceBuild(machines),
  };
  return { all, peak };
}
