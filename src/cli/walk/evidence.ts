/** What a test of incoming packages finds out: they are extracted, test builds are made of them, and what the machine needs is read. */
import { digestOfPackages, rememberFiles, rememberTest } from "../../act/cache/tested.ts";
import { extracted, extractIncoming } from "../../act/guard/extract.ts";
import { mountMemory, unmountAll } from "../../act/guard/mounts.ts";
import { spaceObstacle, type WorkDirectory } from "../../act/guard/work-directory.ts";
import { sandboxOf } from "../../model/settings/sandbox-settings.ts";
import { chooseMode } from "../../act/sandbox/probe.ts";
import type { GuardEvidence } from "../../decide/guard/judgement.ts";
import { arrivingOf } from "../../decide/guard/world.ts";
import type { KernelFacts } from "../../model/boot/facts.ts";
import type { GuardMachine, Incoming, Tested } from "../../model/guard/guard.ts";
import { arrivingKernels } from "../../observe/kernel/arriving-kernels.ts";
import { askForPackages } from "../../observe/stamps/result-key.ts";
import { readBootNeeds } from "../../observe/pacman/incoming/boot-needs.ts";
import type { CallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { hasOwnMounts } from "../../system/process/namespace.ts";
import type { Settings } from "../frame/settings.ts";
import { readMachineNow, type MachineNow } from "./machine-now.ts";
import { testTransaction, type Stage } from "./test-builds.ts";

/** What is tested, and how. */
export interface GuardScene extends Omit<Stage, "before" | "remembered"> {
  /** The pacman whose packages they are. */
  readonly pacman: CallingPacman | undefined;
}

/** What was found out, with the machine as it is. */
interface FoundEvidence extends GuardEvidence {
  readonly now: MachineNow;
}

/** Tests. Throws nothing that an incoming package could cause; what cannot be done is the obstacle. */
export async function gatherEvidence(scene: GuardScene, signal: AbortSignal): Promise<FoundEvidence> {
  const { work, incoming, settings, pacman } = scene;
  if (settings.own.cache.value !== 0) askForPackages();
  const prepared = await prepare(incoming, work, settings, signal);
  // The machine as it is can be read while archives are extracted; whatever becomes of that, they are waited for.
  const settled = async (): Promise<void> => {
    await prepared.extracting.catch(() => undefined);
  };
  const reading = Promise.all([
    readBootNeeds(settings.own.guard.require.value, pacman, signal),
    readMachineNow(settings),
  ]);
  const [needs, before] = await reading.finally(settled);
  const obstacle = await prepared.extracting;
  let found: Tested = { machine: undefined, verdicts: [], obstacle };
  if (obstacle === undefined) {
    rememberTest(settings.layout, await prepared.digest);
    // Without them nothing of the test is used again, and that is all.
    const remembered = rememberFiles(settings.layout, work.incoming).catch(() => undefined);
    found = await testTransaction({ ...scene, before, remembered }, signal);
  }
  return {
    incoming,
    needs,
    tested: { ...found, machine: found.machine ?? machineUntested(settings, before, incoming) },
    now: before,
  };
}

/** Incoming packages on their way to where the test finds them. */
interface Prepared {
  /** Why the test cannot be, once that is known. */
  readonly extracting: Promise<string | undefined>;
  /** One digest for all packages. */
  readonly digest: Promise<string>;
}

/** Begins to extract the incoming packages: what is done meanwhile costs no time. */
async function prepare(
  incoming: Incoming,
  work: WorkDirectory,
  { own }: Settings,
  signal: AbortSignal,
): Promise<Prepared> {
  const packages = extracted(incoming);
  const bytes = packages.reduce((sum, { size }) => sum + size, 0);
  const obstacle = (await obstacleHere(own)) ?? spaceObstacle(work, bytes);
  if (obstacle !== undefined) return { extracting: Promise.resolve(obstacle), digest: Promise.resolve("") };
  const isInMemory = await mountMemory(work, bytes);
  const extracting = extractAnywhere(incoming, work, { isInMemory, signal });
  const digest = digestOfPackages(packages.map(({ archive }) => archive));
  for (const promise of [extracting, digest]) promise.catch(() => undefined);
  return { extracting, digest };
}

async function obstacleHere(own: Settings["own"]): Promise<string | undefined> {
  if (!hasOwnMounts()) return "a mount namespace cannot be made here";
  const mode = await chooseMode(sandboxOf(own), () => undefined);
  return mode === "plain" ? "builds cannot be closed off from the machine here (bubblewrap)" : undefined;
}

/** What does not fit into memory may fit on the disk. */
async function extractAnywhere(
  incoming: Incoming,
  work: WorkDirectory,
  { isInMemory, signal }: { readonly isInMemory: boolean; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const obstacle = await extractIncoming(incoming, work, signal);
  if (obstacle === undefined || !isInMemory || signal.aborted) return obstacle;
  await unmountAll(work);
  return extractIncoming(incoming, work, signal);
}

/** What is known of the machine without evaluating any incoming conf: an incoming kernel lacks everything only where it has no headers. */
function machineUntested({ layout }: Settings, { world, facts }: MachineNow, incoming: Incoming): GuardMachine {
  const arriving = arrivingKernels(layout, incoming.kernels);
  const others = world.kernels.filter(({ release }) => !incoming.kernels.has(release));
  const known = arrivingOf(world, { ...world, kernels: [...others, ...arriving] }, incoming);
  const bare = arriving.filter(({ release }) => known.withoutHeaders.has(release));
  const after = bare.map((kernel): KernelFacts => {
    const pkgbase = incoming.kernelPackages.get(kernel.release) ?? kernel.pkgbase;
    const start = { kind: "unknown", why: "the incoming packages could not be read" } as const;
    return { kernel: { release: kernel.release, arch: kernel.arch }, pkgbase, modules: [], start };
  });
  return { ...known, before: facts, after };
}
