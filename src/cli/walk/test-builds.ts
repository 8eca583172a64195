/** Test builds for a transaction: observe, decide and act on the machine as it will be, up to what is built. All of it is read as data; only the sandbox runs its code. */
import type { TestFailures } from "../../act/pair-build.ts";
import { brokenHostTool, brokenToolchain } from "../../act/guard/host-tools.ts";
import { layersOf } from "../../act/guard/layers.ts";
import { mountComingMachine, unmountAll } from "../../act/guard/mounts.ts";
import type { WorkDirectory } from "../../act/guard/work-directory.ts";
import { testBuilds, type TestResult } from "../../act/guard/test-builds.ts";
import { kernelFacts } from "../../decide/boot/facts.ts";
import { completeVerdicts } from "../../decide/guard/judgement.ts";
import {
  afterTransaction,
  arrivingOf,
  indexedLater,
  plannedPairs,
  scopeOf,
  verdictsOfPlan,
  withOnly,
} from "../../decide/guard/world.ts";
import { explain } from "../../decide/hints/rules.ts";
import { decide } from "../../decide/plan/plan.ts";
import type { KernelFacts } from "../../model/boot/facts.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Incoming, PairVerdict, Tested, Verdict } from "../../model/guard/guard.ts";
import type { World } from "../../model/machine/world.ts";
import type { Plan } from "../../model/run/plan.ts";
import { readInstalledModules } from "../../observe/boot/boot.ts";
import { arrivingKernels } from "../../observe/kernel/arriving-kernels.ts";
import { readWorld } from "../../observe/world.ts";
import { enterOtherMachine, leaveOtherMachine } from "../../system/files/other-machine.ts";
import { afterSeconds } from "../../system/process/timer.ts";
import { planLines } from "../../tell/run/lines.ts";
import type { HookOutput, HookWork } from "../frame/hook-output.ts";
import { tellLine } from "../frame/live-output.ts";
import type { Settings } from "../frame/settings.ts";
import type { MachineNow } from "./machine-now.ts";

/** What a test is made of. */
export interface Stage {
  readonly work: WorkDirectory;
  readonly incoming: Incoming;
  readonly settings: Settings;
  readonly before: MachineNow;
  /** Ends when nobody reads the extracted files any more to remember them. */
  readonly remembered: Promise<void>;
  /** Only tell what would be built. */
  readonly dryRun: boolean;
  /** Whether failures are those that a check has found, or are found out anew and remembered. */
  readonly use: TestFailures["use"];
  /** Source directories: only their modules are tested, and what these need. Without it all are. */
  readonly only?: ReadonlySet<string>;
  /** Shows the builds, and how each has ended. */
  readonly output: (work: HookWork) => TestOutput;
}

/** What shows a test. */
type TestOutput = Pick<HookOutput, "event" | "tested" | "close">;

/** Plans as the install hook will, and builds. What cannot be done is the obstacle; throws nothing that an incoming package could cause. */
export async function testTransaction(stage: Stage, signal: AbortSignal): Promise<Tested> {
  const limit = limitOf(stage, signal);
  const found: Found = { machine: undefined, planned: undefined, unread: undefined, verdicts: [] };
  let why: string | undefined;
  try {
    const tools = stage.incoming.packages.filter(({ isToolchain }) => isToolchain);
    const packages = new Map(tools.map(({ name, version }) => [name, version]));
    const machine = await mountComingMachine(stage.work, stage.settings.layout, layersOf(stage.work));
    enterOtherMachine({ ...machine, packages });
    // With programs that do not start every build fails, and every dkms.conf is unreadable.
    if (tools.length > 0) why = await brokenToolchain(limit.signal);
    if (why === undefined) await walk(stage, limit.signal, found);
  } catch (error) {
    // Whatever it is, it must not keep what is known so far from being judged.
    why = error instanceof DkmsError ? error.message.replace(/\.$/, "") : `it ended with the error "${String(error)}"`;
  } finally {
    leaveOtherMachine();
    limit.end();
    await stage.remembered;
    await unmountAll(stage.work);
  }
  const { machine, planned, verdicts } = found;
  const isCut = limit.signal.aborted;
  if (isCut) why = limit.words();
  return {
    machine,
    verdicts: completeVerdicts(planned ?? [], verdicts, why ?? ""),
    // With a plan, every pair that was not tested says so itself.
    obstacle: planned === undefined ? why : found.unread,
  };
}

/** What the next boot after the transaction would find, but for what is to be built. */
async function factsAfter(settings: Settings, after: World, plan: Plan): Promise<readonly KernelFacts[]> {
  const kernels = after.kernels.filter(({ modules }) => modules === "present");
  const observed = await readInstalledModules(settings, { world: after, kernels });
  return indexedLater(kernelFacts(after, observed, [], plan));
}

/** What is known so far: a test may be cut short. */
interface Found {
  machine: Tested["machine"];
  planned: ReturnType<typeof plannedPairs> | undefined;
  /** Which incoming modules cannot even be named, in words. */
  unread: string | undefined;
  readonly verdicts: PairVerdict[];
}

async function walk(stage: Stage, signal: AbortSignal, found: Found): Promise<void> {
  const { incoming, settings, before, dryRun, use } = stage;
  // The programs among incoming headers are tried while conf files are evaluated.
  const trying = dryRun ? Promise.resolve(new Map<string, string>()) : brokenAmong(settings, incoming, signal);
  trying.catch(() => undefined);
  const world = await readWorld({ kind: "transaction-install", scope: scopeOf(incoming) }, settings);
  if (signal.aborted) return;
  const all = afterTransaction(world, incoming);
  const after = stage.only === undefined ? all : withOnly(all, stage.only);
  const plan = decide(after, { kind: "transaction-install", scope: scopeOf(incoming) });
  const [facts, broken] = await Promise.all([factsAfter(settings, all, plan), trying]);
  found.machine = { ...arrivingOf(before.world, world, incoming), before: before.facts, after: facts };
  if (dryRun) {
    const builds = plan.steps.filter(({ step }) => step.kind === "build");
    planLines(builds, plan.findings).forEach(tellLine);
    return;
  }
  found.planned = plannedPairs(plan);
  const unread = after.unidentified.filter(({ directory }) => incoming.sourceDirectories.has(directory));
  if (unread.length > 0) found.unread = `${unread.map(({ conf }) => conf).join(", ")} does not name its module`;
  found.verdicts.push(...verdictsOfPlan(plan));
  const builds = { ...plan, steps: plan.steps.filter(({ step }) => step.kind === "build") };
  const { layout } = settings;
  const output = stage.output({ plan: builds, layout, kernels: after.kernels, verb: "Test-building" });
  // A test with programs that the transaction replaces, or that has a broken one, says nothing of the build behind it.
  const isSame = incoming.toolchain.length === 0 && broken.size === 0;
  const failures = isSame ? { use, modules: before.world.modules } : undefined;
  const context = { ...settings, world: after, signal, tell: output.event, explain, failures };
  await testBuilds(plan, context, (result) => {
    // What was cut short says nothing of the pair.
    if (signal.aborted) return;
    const { pair, error } = result;
    output.tested({ ...result, failed: error !== undefined });
    found.verdicts.push({ pair, verdict: verdictOf(result, broken.get(pair.kernel.release)) });
  }).finally(() => output.close());
}

/** What does not start among incoming headers, by their releases. */
async function brokenAmong(
  { layout }: Settings,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const broken = new Map<string, string>();
  for (const { release, headers } of arrivingKernels(layout, incoming.headers)) {
    const tool = headers === undefined ? undefined : await brokenHostTool(headers, signal);
    if (tool !== undefined) broken.set(release, tool);
  }
  return broken;
}

/** The administrator's time limit for a transaction that waits, beside the signal of who interrupts. A check has a limit of its own (--timeout). */
function limitOf(
  { settings: { own }, use }: Pick<Stage, "settings" | "use">,
  signal: AbortSignal,
): { signal: AbortSignal; end: () => void; words: () => string } {
  const seconds = use === "check" ? 0 : own.guard.timeLimit.value;
  const late = new AbortController();
  const timer = seconds === 0 ? undefined : afterSeconds(seconds, () => late.abort());
  return {
    signal: AbortSignal.any([signal, late.signal]),
    end: () => clearTimeout(timer),
    words: () =>
      late.signal.aborted
        ? `the time limit of ${seconds} s (TimeLimit under [Guard]) was over`
        : "the test was interrupted",
  };
}

function verdictOf({ error }: TestResult, brokenTool: string | undefined): Verdict {
  if (error === undefined) return { kind: "builds" };
  return brokenTool === undefined ? { kind: "fails", error } : { kind: "unknown", why: brokenTool, error };
}
