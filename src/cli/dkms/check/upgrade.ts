/** Checks an upgrade: what pacman would do is resolved and downloaded, tested as before the transaction, and judged. */
import { clearDownloads, download } from "../../../act/check/downloads.ts";
import { archiveOf } from "../../../act/check/given-module.ts";
import { openDatabases, synchronise } from "../../../act/check/databases.ts";
import type { WorkDirectory } from "../../../act/guard/work-directory.ts";
import { isRelevant, toldByHeaders } from "../../../decide/check/relevant.ts";
import { judgeCheck, judgeModule, type CheckEvidence } from "../../../decide/check/verdict.ts";
import { judgeBootAfter } from "../../../decide/check/boot.ts";
import type { CheckAnswer } from "../../../model/check/check.ts";
import { DkmsError } from "../../../model/errors.ts";
import type { Incoming } from "../../../model/guard/guard.ts";
import type { PrivatePacman, Upgrade, UpgradePackage } from "../../../model/check/upgrade.ts";
import { readArriving } from "../../../observe/check/arriving.ts";
import { readNewer } from "../../../observe/check/newer.ts";
import { resolvableIgnore, resolveUpgrade, type Resolution } from "../../../observe/check/resolve.ts";
import type { CallingPacman } from "../../../observe/pacman/incoming/calling-pacman.ts";
import { toolchainPackages } from "../../../observe/pacman/incoming/toolchain.ts";
import { ownersIn, packageFiles } from "../../../observe/pacman/local-database.ts";
import { readWholeWorld } from "../../../observe/world.ts";
import { canBecomeOthers, machineArchitecture } from "../../../system/environment.ts";
import { reportedBoot } from "../../../tell/boot.ts";
import { judgeNextBoot } from "../../walk/next-boot.ts";
import { LiveOutput } from "../../frame/live-output.ts";
import type { Settings } from "../../frame/settings.ts";
import { gatherEvidence } from "../../walk/evidence.ts";
import type { CheckOrder } from "./order.ts";
import { ownDownloads } from "./places.ts";
import { noAnswer } from "./tell-answer.ts";

/** With what it is done. */
export interface CheckScene {
  readonly settings: Settings;
  readonly order: CheckOrder;
  readonly work: WorkDirectory;
}

/** Finds the answer; throws `file-failed` where pacman cannot even say what it would do. */
export async function checkUpgrade(scene: CheckScene, signal: AbortSignal): Promise<CheckAnswer> {
  const { settings, order, work } = scene;
  const places = { directory: work.directory, downloads: ownDownloads(settings.layout) };
  const doubts: string[] = [];
  const { pacman, why } = await synchronise(await openDatabases(places), places, signal);
  if (why !== undefined) {
    doubts.push(
      `The package databases could not be synchronised: ${why}. The answer is from those of the last pacman -Sy.`,
    );
  }
  const given =
    order.module === undefined ? undefined : await archiveOf(order.module, work.directory, settings, signal);
  const asked = { packages: order.packages, ignored: order.ignored, signal };
  const upgrade = await resolveUpgrade(pacman, asked).catch(errorOfOurs);
  if (upgrade instanceof DkmsError) {
    // Without databases pacman cannot resolve anything: why they are not there says more.
    if (doubts[0] === undefined) throw upgrade;
    return noAnswer(order, doubts[0]);
  }
  const relevant = relevantPackages(pacman, upgrade);
  const told = toldByHeaders(relevant);
  const needed = neededArchives(upgrade, relevant, told);
  const archives = await download(pacman, needed, signal);
  if (archives.obstacle !== undefined) {
    const packages = relevant.map(({ name, version }) => ({ name, version, ...installedOf(upgrade, name) }));
    return { ...noAnswer(order, `${archives.obstacle}. Nothing was tested.`), packages };
  }
  const calling = callingPacman(pacman, order);
  const names = new Set([...relevant.map(({ name }) => name), ...toolchainPackages]);
  const found = new Map([...archives.archives].filter(([name]) => names.has(name)));
  if (given !== undefined) found.set(order.module ?? "", given);
  const arriving = await readArriving({ pacman, calling, upgrade, archives: found, told }, signal);
  if (places.downloads !== undefined) clearDownloads(places.downloads, archives);
  const { incoming, removal } = arriving;
  const others = incoming.packages.filter(({ isToolchain }) => !isToolchain);
  const concerned = others.length + incoming.kernels.size + removal.kernels.size + removal.directories.size;
  const only = given === undefined ? undefined : givenSources(incoming, given);
  const answer = {
    ...noAnswer(order),
    packages: relevant
      .filter(({ name }) => incoming.packages.some((one) => one.name === name) || told.has(name))
      .map(({ name, version }) => ({ name, version, ...installedOf(upgrade, name) })),
  };
  if (concerned === 0) return { ...answer, verdict: doubts.length === 0 ? "nothing" : "unknown", doubts };

  const evidence = await gatherEvidence(
    {
      ...{ work, incoming, pacman: calling, use: "check", dryRun: false },
      settings,
      ...(only === undefined ? {} : { only }),
      output: (builds) => new LiveOutput({ ...builds, verbosity: "silent" }),
    },
    signal,
  );
  const modules = evidence.tested.machine?.modules ?? [];
  if (modules.length === 0 && evidence.tested.obstacle === undefined && doubts.length === 0) return answer;
  const judged = judgeCheck({ ...evidence, removal, arch: machineArchitecture(), doubts }, policiesOf(settings));
  if (evidence.tested.obstacle !== undefined) return { ...answer, ...judged, doubts };
  if (only !== undefined) return { ...answer, ...judgeModule(judged, doubts), doubts };
  const now = await judgeNextBoot(settings, { world: await readWholeWorld(settings) });
  return {
    ...answer,
    ...judged,
    ignore: judged.ignore.length === 0 ? [] : await wholeIgnore(pacman, { ...asked, names: judged.ignore }),
    boot: reportedBoot(judgeBootAfter(now.judgement, now.required, judged.kernels, removal), now.required),
    newer: await newerPackages(pacman, upgrade, { ...evidence, removal }, signal),
    doubts,
  };
}

/** What has to be left out for an upgrade without these: what was left out already, and what depends on the versions that stay. */
async function wholeIgnore(
  pacman: PrivatePacman,
  { names, ...asked }: Resolution & { readonly names: readonly string[] },
): Promise<readonly string[]> {
  const ignored = [...new Set([...asked.ignored, ...names])].toSorted();
  return asked.packages === undefined ? resolvableIgnore(pacman, { ...asked, ignored }) : ignored;
}

function errorOfOurs(error: unknown): DkmsError {
  if (error instanceof DkmsError) return error;
  throw error;
}

/** The source directories of the module that was given; throws `file-failed` for a package without any. */
function givenSources({ packages }: Incoming, archive: string): ReadonlySet<string> {
  const found = packages.find((one) => one.archive === archive)?.sourceDirectories ?? [];
  if (found.length > 0) return new Set(found);
  throw new DkmsError("file-failed", `${archive} is no package with the source of a module in it.`, { path: archive });
}

/** A policy that switches the test off says nothing of what is lost. */
function policiesOf({ own }: Settings): { policy: "required" | "all" | "warn"; unknown: "warn" | "refuse" } {
  const { policy, unknown } = own.guard;
  return { policy: policy.value === "off" ? "warn" : policy.value, unknown: unknown.value };
}

function relevantPackages({ database }: PrivatePacman, { packages }: Upgrade): readonly UpgradePackage[] {
  const files = packageFiles(database, new Set(packages.map(({ name }) => name)));
  return packages.filter((one) => isRelevant(one, files.get(one.name)));
}

/** Root's downloads are those of the upgrade; for another user only what is tested is downloaded. Builds run the toolchain of the upgrade. */
function neededArchives(
  { packages }: Upgrade,
  relevant: readonly UpgradePackage[],
  told: ReadonlySet<string>,
): readonly UpgradePackage[] {
  const toolchain = relevant.length === 0 ? [] : packages.filter(({ name }) => toolchainPackages.has(name));
  const tested = canBecomeOthers() ? relevant : relevant.filter(({ name }) => !told.has(name));
  return [...new Set([...tested, ...toolchain])];
}

/** As if a pacman with our databases called a hook. */
function callingPacman({ options, caches }: PrivatePacman, { packages }: CheckOrder): CallingPacman {
  const words = ["pacman", packages === undefined ? "-Syu" : "-S", ...(packages ?? [])];
  const database = options.filter((option) => /^--(config|dbpath)=/.test(option));
  return {
    command: {
      operation: "sync",
      sysupgrades: packages === undefined ? 1 : 0,
      targets: packages ?? [],
      ...{ options, database, config: undefined, cacheDirectories: caches },
    },
    words,
    directories: [],
  };
}

function installedOf({ installed }: Upgrade, name: string): { readonly installed?: string } {
  const version = installed.get(name);
  return version === undefined ? {} : { installed: version };
}

/** Newer versions of the packages whose modules fail. */
async function newerPackages(
  pacman: PrivatePacman,
  { packages, installed }: Upgrade,
  { tested, incoming }: Pick<CheckEvidence, "tested" | "incoming" | "removal">,
  signal: AbortSignal,
): Promise<CheckAnswer["newer"]> {
  const failing = new Set<string>(
    tested.verdicts.filter(({ verdict }) => verdict.kind === "fails").map(({ pair }) => pair.module.name),
  );
  const directories = (tested.machine?.modules ?? [])
    .filter(({ name }) => failing.has(name))
    .map(({ directory }) => directory);
  const owners = ownersIn(
    pacman.database,
    directories.map((directory) => `/usr/src/${directory}/dkms.conf`),
  );
  const bringing = incoming.packages.filter(({ sourceDirectories }) =>
    sourceDirectories.some((directory) => directories.includes(directory)),
  );
  const names = new Set([...(owners?.values() ?? []), ...bringing.map(({ name }) => name)]);
  const versionOf = (name: string): string =>
    packages.find((one) => one.name === name)?.version ?? installed.get(name) ?? "";
  return readNewer(pacman, new Map([...names].map((name) => [name, versionOf(name)])), signal);
}
