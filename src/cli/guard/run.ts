/** A test before a transaction: what is coming is found and extracted, a rehearsal is made of it, and its results are judged. */
import { chooseMode } from "../../act/sandbox/probe.ts";
import { extracted, extractIncoming } from "../../act/guard/extract.ts";
import { clearUnfinished, openRoom, spaceObstacle, type GuardRoom } from "../../act/guard/room.ts";
import type { Targets } from "../../alpm/targets.ts";
import { completeVerdicts, judgeTransaction } from "../../decide/guard/judgement.ts";
import { machineBefore } from "../../decide/guard/world.ts";
import { DkmsError } from "../../model/errors.ts";
import { arrivalsOf } from "../../model/guard/arrivals.ts";
import type { Incoming, Rehearsal } from "../../model/guard/guard.ts";
import { architecture, kernelRelease } from "../../model/names.ts";
import { readBootNeeds } from "../../observe/pacman/incoming/boot-needs.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readIncoming } from "../../observe/pacman/incoming/incoming.ts";
import { readKernel, readKernels } from "../../observe/kernel/kernels.ts";
import { ownProgram } from "../../observe/own-program.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { writeAtomically } from "../../system/files/file-changes.ts";
import { writeLine } from "../../system/output.ts";
import { run } from "../../system/process/processes.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { guardLines } from "../../tell/guard.ts";
import { incomingFile, type GuardStart } from "./rehearsal.ts";
import { readMessages } from "./report.ts";
import { encode } from "./wire.ts";
import { noteArrivals } from "./arrivals.ts";
import { policyOf } from "./policy.ts";
import { tellLine } from "../frame/live-output.ts";
import { readHookSettings, type Settings } from "../frame/settings.ts";

/** Returns `refused`, `passed`, or 128 + n after signal n. */
export async function runGuard(targets: Targets, start: GuardStart): Promise<"refused" | "passed" | number> {
  const settings = await readHookSettings({ dryRun: "no", verbose: "no", help: "no", version: "no", leaving: "no" });
  const policy = policyOf(settings);
  if (policy === "off") return "passed";
  noteArrivals(settings.layout);
  const interruption = watchSignals();
  const { signal } = interruption;
  const room = openRoom((holder) => writeLine("err", `Waiting for another test to finish: ${holder} ...`));
  try {
    clearUnfinished(settings.layout);
    const pacman = findCallingPacman();
    const incoming = await readIncoming(targets, pacman, signal);
    const needs = await readBootNeeds(settings.own.guard.require.value, pacman, signal);
    const obstacle = await prepare(incoming, room, settings, signal);
    const found: Rehearsal =
      obstacle === undefined
        ? await rehearsal(room, settings, start, signal)
        : { machine: undefined, verdicts: [], obstacle };
    clearUnfinished(settings.layout);
    const exitCode = interruption.exitCode();
    if (exitCode !== undefined) return exitCode;
    const evidence = {
      incoming,
      needs,
      rehearsal: { ...found, machine: found.machine ?? machineAsItIs(settings, incoming) },
    };
    if (start.dryRun === "yes") {
      if (found.obstacle !== undefined) writeLine("out", `Nothing could be tested: ${found.obstacle}.`);
      return "passed";
    }
    noteArrivals(settings.layout, arrivalsOf(evidence.rehearsal, incoming.sourceDirectories));
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
  { own }: Settings,
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
  if ((await chooseMode(sandbox, () => undefined)) === "plain")
    return "builds cannot be closed off from the machine here (bubblewrap)";
  const bytes = extracted(incoming).reduce((sum, { size }) => sum + size, 0);
  const obstacle = spaceObstacle(room, bytes) ?? (await extractIncoming(incoming, room, signal));
  if (obstacle === undefined) writeAtomically(incomingFile(room.directory), encode(incoming));
  return obstacle;
}

/** Runs the inner part in a mount namespace that ends with it; it dies with this process, however that ends. */
async function rehearsal(
  room: GuardRoom,
  { own }: Settings,
  { argumentCount, dryRun }: GuardStart,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const limit = own.guard.timeLimit.value;
  const { status, seconds } = await run(
    [
      ...(["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"] as const),
      ...[...ownProgram(argumentCount), "--inside", room.directory, ...(dryRun === "yes" ? ["--dry-run"] : [])],
    ],
    { output: "inherit", signal, timeoutSeconds: limit },
  );
  const messages = readMessages(room.report);
  const of = <K extends (typeof messages)[number]["kind"]>(kind: K) =>
    messages.filter((message): message is Extract<typeof message, { kind: K }> => message.kind === kind);
  const isLate = limit > 0 && seconds >= limit;
  const why = isLate
    ? `the time limit of ${limit} s (TimeLimit under [Guard]) was over`
    : `the test ended early with status ${status}`;
  const planned = of("planned").flatMap(({ pairs }) => pairs);
  const verdicts = of("verdict").map(({ verdict }) => verdict);
  const isWhole = of("end").length > 0;
  const told = of("obstacle")[0]?.why;
  return {
    machine: of("machine")[0]?.machine,
    verdicts: completeVerdicts(planned, verdicts, told ?? why),
    // With a plan, every pair that was not tested says so itself.
    obstacle: isWhole || planned.length > 0 ? undefined : (told ?? why),
  };
}

/** What can be told of the machine without evaluating any incoming conf. */
function machineAsItIs({ layout }: Settings, incoming: Incoming): NonNullable<Rehearsal["machine"]> {
  const arch = architecture(machineArchitecture());
  const before = { kernels: readKernels(layout, arch), modules: readTree(layout) };
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
