/** `dkms doctor`: looks the machine over. Reads, takes no lock and changes nothing, unless it is asked to run fixes. */
import { readLoggedFailures } from "../../../observe/failures/logged-failures.ts";
import { explain } from "../../../decide/hints/rules.ts";
import { DkmsError } from "../../../model/errors.ts";
import type { ReportedBoot } from "../../../model/boot/reported.ts";
import type { Health, HealthFinding } from "../../../model/health/health.ts";
import { defaultLayout } from "../../../model/machine/layout.ts";
import { reportedBoot } from "../../../tell/boot.ts";
import { judgeNextBoot } from "../../walk/next-boot.ts";
import { tellError } from "../../frame/guarded.ts";
import { diagnose } from "../../../decide/doctor/doctor.ts";
import type { FrameworkSettings, Setting } from "../../../model/settings/framework-settings.ts";
import { kernelText, pairWords } from "../../../model/pair.ts";
import type { World } from "../../../model/machine/world.ts";
import { confVariables } from "../../../observe/conf/confs.ts";
import { readLateSettings } from "../../../observe/settings/framework-conf.ts";
import { readHealth } from "../../../observe/health/health.ts";
import { isTerminal } from "../../../system/colours.ts";
import { isSameFile } from "../../../system/files/files.ts";
import { writeDocument, writeLine } from "../../../system/output.ts";
import { doctorJson } from "../../../tell/doctor/json.ts";
import { doctorLines } from "../../../tell/doctor/doctor.ts";
import { namedSettings, settingLines, type NamedSetting } from "../../../tell/setting-lines.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";
import { usageError } from "../../frame/usage.ts";
import { requireRoot } from "../root.ts";

/**
 * Prints what the next boot will find, then every finding, with `--verbose` all settings before them, with `--json` one document of all. Returns 0 when
 * there is nothing or only notes, 1 for problems, 2 when the machine could not be looked at.
 */
export async function runDoctor(settings: Settings, given: ParsedArguments): Promise<number> {
  try {
    return await examine(settings, given);
  } catch (error) {
    if (!(error instanceof DkmsError) || error.code === "usage" || error.code === "not-root") throw error;
    tellError(error);
    return 2;
  }
}

async function examine(settings: Settings, given: ParsedArguments): Promise<number> {
  const isFixing = given.has("fix");
  if (isFixing) {
    if (given.has("json")) throw usageError("--json does not go with --fix.");
    if (!settings.dryRun) {
      if (!given.has("yes") && !isTerminal(0))
        throw usageError("--fix asks before each command: in scripts, add --yes.");
      requireRoot();
    }
  }
  const { findings, boot, world } = await lookAt(settings);
  if (given.has("json")) {
    writeDocument(doctorJson({ findings, boot, settings: await allSettings(settings, world) }));
  } else {
    if (settings.verbosity === "verbose") {
      for (const line of settingLines(await allSettings(settings, world))) writeLine("out", line);
      for (const supply of world.supplies.values()) {
        writeLine("out", `${pairWords(supply.pair)} is supplied by package ${supply.package}.`);
      }
      writeLine("out", "");
    }
    for (const { stream, text } of doctorLines(findings, boot)) writeLine(stream, text);
  }
  if (!isFixing) return statusOf(findings);
  const { offerFixes } = await import("./fix.ts");
  const isDryRun = settings.dryRun;
  const isGood = offerFixes(findings, { yes: given.has("yes"), isDryRun });
  if (isDryRun) return statusOf(findings);
  const after = await lookAt(settings);
  for (const { stream, text } of doctorLines(after.findings).slice(-1)) writeLine(stream, `Now: ${text}`);
  return isGood ? statusOf(after.findings) : 1;
}

function statusOf(findings: readonly HealthFinding[]): number {
  return findings.some(({ severity }) => severity !== "note") ? 1 : 0;
}

interface Examined {
  readonly findings: readonly HealthFinding[];
  readonly boot: ReportedBoot | undefined;
  readonly world: World;
}

async function lookAt(settings: Settings): Promise<Examined> {
  const seen = await readHealth(settings);
  const judged = isThisMachine(settings)
    ? await judgeNextBoot(settings, { world: seen.world, allImages: true })
    : undefined;
  const health: Health = { ...seen, ...failedBuilds(settings, seen), boot: judged?.judgement };
  const boot = judged === undefined ? undefined : reportedBoot(judged.judgement, judged.required);
  return { findings: diagnose(health), boot, world: health.world };
}

/** What the table of hints says of builds that failed; logs that this user may not read are named. */
function failedBuilds(settings: Settings, { world, unread = [] }: Health): Pick<Health, "failures" | "unread"> {
  try {
    const found = [...readLoggedFailures(settings, world)];
    return { failures: new Map(found.map(([key, { log, evidence }]) => [key, { log, ...explain(evidence) }])) };
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    return { unread: [...unread, error.message] };
  }
}

/** Kernels of another tree are not what this machine boots. */
function isThisMachine({ layout }: Settings): boolean {
  return isSameFile(layout.installTree, defaultLayout.installTree);
}

/** Settings that may depend on the kernel are told as they are for the running one. */
async function allSettings(settings: Settings, world: World): Promise<readonly NamedSetting[]> {
  const { own } = settings;
  const framework = withTrees(settings);
  const variables = confVariables(settings, world.running, world.facts.get(kernelText(world.running)));
  return namedSettings(framework, await readLateSettings(framework.files, variables), own);
}

/** The trees of the command line beat the files. */
function withTrees({ framework, layout }: Settings): FrameworkSettings {
  const tree = (setting: Setting<string>, value: string): Setting<string> =>
    isSameFile(setting.value, value) ? setting : { value, from: "command line" };
  return {
    ...framework,
    sourceTree: tree(framework.sourceTree, layout.sourceTree),
    dkmsTree: tree(framework.dkmsTree, layout.dkmsTree),
    installTree: tree(framework.installTree, layout.installTree),
  };
}
