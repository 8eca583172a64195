/** The inner part of a test: the walk through the rooms on the machine as it will be, up to what is built. */
import { join } from "node:path";
import { inClosedRoom } from "../../act/sandbox/closed-room.ts";
import { brokenHostTool } from "../../act/guard/host-tools.ts";
import { layOver } from "../../act/guard/mounts.ts";
import { roomAt } from "../../act/guard/room.ts";
import { testBuilds, type TestResult } from "../../act/guard/test-builds.ts";
import { afterTransaction, machineBefore, plannedPairs, scopeOf, verdictsOfPlan } from "../../decide/guard/world.ts";
import { decide } from "../../decide/plan/plan.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Incoming, Verdict } from "../../model/guard/guard.ts";
import { architecture } from "../../model/names.ts";
import { pairWords } from "../../model/pair.ts";
import type { World } from "../../model/machine/world.ts";
import { readLateSettings } from "../../observe/settings/framework-conf.ts";
import { readKernels } from "../../observe/kernel/kernels.ts";
import { ownProgram } from "../../observe/own-program.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { readWorld } from "../../observe/world.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { readText } from "../../system/files/files.ts";
import { write, writeLine } from "../../system/output.ts";
import { run } from "../../system/process/processes.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { eventLines, planLines } from "../../tell/lines.ts";
import { writeMessage } from "./report.ts";
import { decode, encode } from "./wire.ts";
import { tellLine } from "../frame/live-output.ts";
import { readHookSettings, type Settings } from "../frame/settings.ts";

/** Where the outer process leaves what it knows. */
export const incomingFile = (directory: string): string => join(directory, "incoming.json");

/** How the program was started: how many words its command line has, and whether it is only to tell what it would do. */
export interface GuardStart {
  readonly argumentCount: number;
  readonly dryRun: "yes" | "no";
}

/** Lays the incoming files over this mount namespace, plans as the install hook will, and builds. */
export async function rehearse(directory: string, { argumentCount, dryRun }: GuardStart): Promise<number> {
  const interruption = watchSignals();
  const room = roomAt(directory);
  const settings = await readSettings();
  const { layout } = settings;
  const incoming = readIncomingFile(directory);
  const before = { kernels: readKernels(layout, architecture(machineArchitecture())), modules: readTree(layout) };
  try {
    await layOver(room, layout);
    const world = await observe(directory, argumentCount, settings);
    writeMessage(room.report, { kind: "machine", machine: machineBefore(before, world, incoming) });
    const after = afterTransaction(world, incoming);
    const plan = decide(after, { kind: "transaction-install", scope: scopeOf(incoming) });
    if (dryRun === "yes") {
      const builds = plan.steps.filter(({ step }) => step.kind === "build");
      planLines(builds, plan.findings).forEach(tellLine);
      writeMessage(room.report, { kind: "end" });
      return 0;
    }
    const pairs = plannedPairs(plan);
    writeMessage(room.report, { kind: "planned", pairs });
    for (const verdict of verdictsOfPlan(plan)) writeMessage(room.report, { kind: "verdict", verdict });
    const broken = new Map<string, string>();
    for (const { release, headers } of after.kernels) {
      if (headers === undefined || !incoming.headers.has(release)) continue;
      const tool = await brokenHostTool(headers, interruption.signal);
      if (tool !== undefined) broken.set(release, tool);
    }
    const tell: Parameters<typeof testBuilds>[1]["tell"] = (event) => {
      if (event.kind === "note" && event.level === "warning") eventLines(event, "brief").forEach(tellLine);
    };
    await testBuilds(plan, { ...settings, world: after, signal: interruption.signal, tell }, (result) => {
      const { pair, seconds, from } = result;
      const verdict = verdictOf(result, broken.get(pair.kernel.release));
      if (verdict.kind === "builds") {
        const how = from === "cache" ? "as is known already" : `in ${seconds.toFixed(1)} s`;
        writeLine("out", `==> Tested ${pairWords(pair)}: it builds, ${how}`);
      }
      writeMessage(room.report, { kind: "verdict", verdict: { pair, verdict } });
    });
    writeMessage(room.report, { kind: "end" });
    return 0;
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    writeMessage(room.report, { kind: "obstacle", why: error.message.replace(/\.$/, "") });
    return 0;
  } finally {
    interruption.release();
  }
}

/** Reads the world, in the sandbox that `observe` has made for it, and prints it. */
export async function observeInside(directory: string): Promise<number> {
  const scope = scopeOf(readIncomingFile(directory));
  const world = await readWorld({ kind: "transaction-install", scope }, await readSettings());
  write("out", encode(world));
  return 0;
}

/** Evaluating a conf runs what is in it, so that is done by a process of its own, which can harm nothing. */
async function observe(directory: string, argumentCount: number, { layout, framework }: Settings): Promise<World> {
  const { signingKey } = await readLateSettings(framework.files, {});
  const shown = readTree(layout).map(({ source }) => source);
  const hidden = signingKey === undefined ? [] : [signingKey.value];
  const argv = inClosedRoom([...ownProgram(argumentCount), "--observe", directory], { hidden, shown });
  const { status, stdout, stderr } = await run(argv);
  if (status === 0 && stdout !== "") return decode(stdout) as World;
  const words = stderr.trim().split("\n").at(-1) ?? "";
  throw new DkmsError("conf-invalid", `The incoming modules cannot be read (status ${status}): ${words}`);
}

function readIncomingFile(directory: string): Incoming {
  return decode(readText(incomingFile(directory)) ?? "") as Incoming;
}

/** The outer process has told what is wrong with the settings. */
function readSettings(): Promise<Settings> {
  return readHookSettings({ dryRun: "no", verbose: "no", help: "no", version: "no", leaving: "no" });
}

function verdictOf({ error }: TestResult, brokenTool: string | undefined): Verdict {
  if (error === undefined) return { kind: "builds" };
  return brokenTool === undefined ? { kind: "fails", error } : { kind: "unknown", why: brokenTool, error };
}
