/** Rows that take a minute: what every prompt, script and transaction waits for. */
import type { Machine } from "../e2e/machine.ts";
import { hookCommand, type LaidMachines } from "./laid-machines.ts";
import { measure, type Figures, type Measured } from "./measure.ts";
import { ratioBar, type Bar, type Row } from "./row.ts";

/** How often: rounds for quick commands, and for those of the reference that take seconds. */
export interface Rounds {
  readonly quick: number;
  readonly slow: number;
}

/** The rows, one after the other. */
export async function* quickRows(machines: LaidMachines, rounds: Rounds): AsyncGenerator<Row, void> {
  await machines.lay(20, 5);
  yield* statusRows(machines, rounds);
  yield await firstStatus(machines, rounds);
  yield await growthRow(machines, rounds);
  yield await irrelevantHook(machines, rounds);
  yield await idleHook(machines, rounds);
  yield* installRows(machines, rounds);
}

const node = ["node", "-e", "0"];

/** Modules beside the one that is installed. */
const others = 100;
/** What counts as no growth, in microseconds for each of the others: it is looked at, and the index of modules is written anew with it. */
const flat = 250;

function command(machine: Machine, argv: readonly string[], more: Partial<Measured> = {}): Measured {
  return { run: (words, options) => machine.run(words, options), argv, timeout: 300, ...more };
}

async function* statusRows({ ours, reference }: LaidMachines, { quick, slow }: Rounds): AsyncGenerator<Row, void> {
  const quickly = await measure({ floor: command(ours, node), ours: command(ours, ["dkms", "status"]) }, quick);
  const together = await measure(
    { ours: command(ours, ["dkms", "status"]), reference: command(reference, ["dkms", "status"]) },
    slow,
  );
  const row = beyondNode("dkms status, 100 pairs", quickly, 30);
  const ratio = ratioBar("of the reference", together.ours.wall, together.reference.wall, 1 / 80);
  yield { ...row, reference: together.reference.wall, bars: [...row.bars, ratio] };
}

/** A tree that the reference made has no stamps. */
async function firstStatus({ ours, reference }: LaidMachines, { slow }: Rounds): Promise<Row> {
  const before = (): Promise<void> => Promise.resolve(ours.remove("/var/lib/dkms-alpm"));
  const figures = await measure(
    {
      floor: command(ours, node),
      ours: command(ours, ["dkms", "status"], { before }),
      reference: command(reference, ["dkms", "status"]),
    },
    slow,
  );
  return {
    title: "dkms status, 100 pairs, the first after switching",
    measure: "milliseconds",
    floor: figures.floor.wall,
    ours: figures.ours.wall,
    reference: figures.reference.wall,
    bars: [
      ratioBar("starts of Node", figures.ours.wall, figures.floor.wall, 2.5),
      ratioBar("of the reference", figures.ours.wall, figures.reference.wall, 1 / 100),
    ],
  };
}

async function growthRow(machines: LaidMachines, { quick }: Rounds): Promise<Row> {
  const cost = async (modules: number): Promise<number> => {
    await machines.lay(modules, 5);
    const figures = await measure({ ours: command(machines.ours, ["dkms", "status"]) }, quick);
    return figures.ours.cpu;
  };
  const few = await cost(2);
  const many = await cost(200);
  const each = ((many - few) / (1000 - 10)) * 1000;
  return {
    title: "dkms status, from 10 to 1000 pairs",
    measure: "microseconds a pair",
    floor: undefined,
    ours: each,
    reference: undefined,
    bars: [{ words: "microseconds a pair", value: each, atMost: 200 }],
  };
}

async function irrelevantHook({ ours }: LaidMachines, { quick }: Rounds): Promise<Row> {
  const figures = await measure(
    {
      floor: command(ours, ["/bin/sh", "-c", "node -e 0"]),
      ours: command(ours, hookCommand("dkms-install"), { input: "usr/share/doc/something\n" }),
    },
    quick,
  );
  return beyondNode("install hook, targets that do not matter", figures, 15);
}

async function idleHook(machines: LaidMachines, { quick }: Rounds): Promise<Row> {
  await machines.lay(30, 5);
  const targets = machines.ours.list("/usr/lib/modules").map((release) => `usr/lib/modules/${release}/modules.order\n`);
  const figures = await measure(
    {
      floor: command(machines.ours, node),
      ours: command(machines.ours, ["/usr/lib/dkms-alpm/bin/dkms-install"], { input: targets.join("") }),
    },
    quick,
  );
  return beyondNode("install hook, 30 modules x 5 kernels, all up to date", figures, 80);
}

/** One module is installed again and again, in turns beside no others and beside a hundred. */
async function* installRows(machines: LaidMachines, { quick }: Rounds): AsyncGenerator<Row, void> {
  await machines.lay(1, 1);
  await machines.stow("alone");
  await machines.lay(1 + others, 1);
  const [release = ""] = machines.ours.list("/usr/lib/modules");
  await machines.stow("beside");
  const words = ["module-0/1.0", "-k", release];
  const installing = (machine: Machine, scene: "alone" | "beside"): Measured =>
    command(machine, ["dkms", "install", ...words], {
      before: async () => {
        await machines.show(machine, scene);
        await machine.need(["dkms", "uninstall", ...words], { timeout: 300 });
      },
    });
  const { ours, reference } = machines;
  const figures = await measure(
    {
      alone: installing(ours, "alone"),
      beside: installing(ours, "beside"),
      referenceAlone: installing(reference, "alone"),
      referenceBeside: installing(reference, "beside"),
    },
    quick,
  );
  const { alone, beside, referenceAlone, referenceBeside } = figures;
  const each = (1000 * (beside.wall - alone.wall)) / others;
  const bar: Bar = { words: "microseconds for each of the others", value: each, atMost: flat };
  yield installRow(0, alone, referenceAlone, []);
  yield installRow(others, beside, referenceBeside, [bar]);
}

function installRow(beside: number, ours: Figures, reference: Figures, bars: readonly Bar[]): Row {
  return {
    title: `dkms install of a built object beside ${beside} others`,
    measure: "milliseconds",
    floor: undefined,
    ours: ours.wall,
    reference: reference.wall,
    bars,
  };
}

/** A row of wall time that may be so many milliseconds beyond that of bare Node. */
function beyondNode(title: string, { floor, ours }: Readonly<Record<"floor" | "ours", Figures>>, atMost: number): Row {
  const bar: Bar = { words: "ms beyond bare Node", value: ours.wall - floor.wall, atMost };
  return { title, measure: "milliseconds", floor: floor.wall, ours: ours.wall, reference: undefined, bars: [bar] };
}
