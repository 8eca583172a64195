/** A test before a transaction: what is coming is found and extracted, a rehearsal is made of it, and its results are judged. */
import { rememberTest } from "../../act/cache/tested.ts";
import { askForSandbox, chooseMode } from "../../act/sandbox/probe.ts";
import { extracted, extractIncoming } from "../../act/guard/extract.ts";
import { clearUnfinished, openRoom, spaceObstacle, type GuardRoom } from "../../act/guard/room.ts";
import type { Targets } from "../../alpm/targets.ts";
import { judgeTransaction, settledVerdicts } from "../../decide/guard/judgement.ts";
import { machineBefore } from "../../decide/guard/world.ts";
import { DkmsError } from "../../model/errors.ts";
import { arrivalsOf } from "../../model/guard/arrivals.ts";
import type { Incoming, Rehearsal } from "../../model/guard/guard.ts";
import { architecture, kernelRelease } from "../../model/names.ts";
import type { World } from "../../model/machine/world.ts";
import { readBootNeeds } from "../../observe/pacman/incoming/boot-needs.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readIncoming } from "../../observe/pacman/incoming/incoming.ts";
import { readKernel, readKernels } from "../../observe/kernel/kernels.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { hasOwnMounts } from "../../system/process/namespace.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { guardLines } from "../../tell/guard.ts";
import { rehearse } from "./rehearsal.ts";
import { noteArrivals } from "./arrivals.ts";
import { policyOf } from "./policy.ts";
import { tellLine } from "../frame/live-output.ts";
import { readHookSettings, type Settings } from "../frame/settings.ts";

/** Returns `refused`, `passed`, or 128 + n after signal n. */
export async function runGuard(targets: Targets, dryRun: boolean): Promise<"refused" | "passed" | number> {
  const settings = await readHookSettings({ dryRun: "no", verbose: "no", help: "no", version: "no", leaving: "no" });
  const policy = policyOf(settings);
  if (policy === "off") return "passed";
  if (!dryRun) noteArrivals(settings.layout);
  askForSandbox({ sandbox: settings.own.sandbox.value });
  const interruption = watchSignals();
  const { signal } = interruption;
  const warn = (text: string): void => writeLine("err", `==> WARNING: ${text}`);
  const room = openRoom((holder) => writeLine("err", `Waiting for another test to finish: ${holder} ...`), warn);
  try {
    clearUnfinished(settings.layout, warn);
    const pacman = findCallingPacman();
    const incoming = await readIncoming(targets, pacman, signal);
    const needs = await readBootNeeds(settings.own.guard.require.value, pacman, signal);
    const obstacle = await prepare(incoming, room, settings, signal);
    const before = machineOfNow(settings);
    const found: Rehearsal =
      obstacle === undefined
        ? await rehearse({ room, incoming, settings, before, dryRun }, signal)
        : { machine: undefined, verdicts: [], obstacle };
    clearUnfinished(settings.layout, warn);
    const exitCode = interruption.exitCode();
    if (exitCode !== undefined) return exitCode;
    const evidence = {
      incoming,
      needs,
      rehearsal: { ...found, machine: found.machine ?? machineAsItIs(settings, before, incoming) },
    };
    if (dryRun) {
      if (found.obstacle !== undefined) writeLine("out", `Nothing could be tested: ${found.obstacle}.`);
      return "passed";
    }
    const settled = { ...evidence.rehearsal, verdicts: settledVerdicts(evidence.rehearsal, incoming) };
    noteArrivals(settings.layout, arrivalsOf(settled, incoming.sourceDirectories));
    const judgement = judgeTransaction(evidence, { policy, unknown: settings.own.guard.unknown.value });
    const asked = { words: pacman?.words ?? [], operation: pacman?.command.operation ?? "other" } as const;
    guardLines(judgement, asked).forEach(tellLine);
    return judgement.decision === "refuse" ? "refused" : "passed";
  } finally {
    room.release();
    interruption.release();
  }
}

/** Brings the incoming files to where the rehearsal finds them; returns why that cannot be. */
async function prepare(
  incoming: Incoming,
  room: GuardRoom,
  { own, layout }: Settings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const sandbox = {
    sandbox: own.sandbox.value,
    network: own.network.value,
    readable: own.readable.value,
    writable: own.writable.value,
    hidden: [],
    root: "/",
  };
  if (!hasOwnMounts()) return "a mount namespace cannot be made here";
  if ((await chooseMode(sandbox, () => undefined)) === "plain")
    return "builds cannot be closed off from the machine here (bubblewrap)";
  const bytes = extracted(incoming).reduce((sum, { size }) => sum + size, 0);
  const obstacle = spaceObstacle(room, bytes) ?? (await extractIncoming(incoming, room, signal));
  if (obstacle === undefined) {
    const archives = extracted(incoming).map(({ archive }) => archive);
    rememberTest(layout, archives, room.incoming);
  }
  return obstacle;
}

function machineOfNow({ layout }: Settings): Pick<World, "kernels" | "modules"> {
  return { kernels: readKernels(layout, architecture(machineArchitecture())), modules: readTree(layout) };
}

/** What can be told of the machine without evaluating any incoming conf. */
function machineAsItIs(
  { layout }: Settings,
  before: Pick<World, "kernels" | "modules">,
  incoming: Incoming,
): NonNullable<Rehearsal["machine"]> {
  const arch = architecture(machineArchitecture());
  const arriving = [...incoming.kernels].flatMap((release) => {
    try {
      return [readKernel(layout, { release: kernelRelease(release), arch })];
    } catch (error) {
      if (error instanceof DkmsError) return [];
      throw error;
    }
  });
  const others = before.kernels.filter(({ release }) => !incoming.kernels.has(release));
  const kernels = [
    ...others,
    ...arriving.map((kernel) => ({
      ...kernel,
      pkgbase: incoming.kernelPackages.get(kernel.release) ?? kernel.pkgbase,
    })),
  ];
  return machineBefore(before, { kernels, modules: before.modules }, incoming);
}
