/** Settings of one run: trees, framework.conf, and how things are to be done. */
import type { ObserveContext } from "../../observe/context.ts";
import { readDistribution } from "../../observe/settings/distribution.ts";
import { readFrameworkConf } from "../../observe/settings/framework-conf.ts";
import { readOwnSettings } from "../../observe/settings/own-settings.ts";
import type { FrameworkSettings } from "../../model/settings/framework-settings.ts";
import { defaultLayout, movedLayout, type Layout } from "../../model/machine/layout.ts";
import type { RunOptions } from "../../model/settings/run-options.ts";
import type { OwnSettings } from "../../model/settings/own-settings.ts";
import { callerEnvironment, workingDirectory } from "../../system/environment.ts";
import { isSameFile } from "../../system/files/files.ts";
import { writeLine } from "../../system/output.ts";
import type { Verbosity } from "../../tell/run/lines.ts";
import { absolutePath, withoutLinks } from "./given-paths.ts";
import { usageError } from "./usage.ts";
import type { ParsedArguments } from "./parse-arguments.ts";

/** Everything that a run is done with. */
export interface Settings extends ObserveContext {
  readonly verbosity: Verbosity;
  readonly dryRun: boolean;
  /** What stdout gets: lines for people as things happen, or one document at the end. */
  readonly result: "words" | "json";
}

/** Settings for `dkms`: the command line beats framework.conf. */
export async function readSettings(given: ParsedArguments): Promise<Settings> {
  const { framework, own } = await readFiles();
  const directory = (name: string): string | undefined => {
    const value = given.value(name);
    if (value === "") throw usageError(`${name.length === 1 ? "-" : "--"}${name} needs a path.`);
    return value === undefined ? undefined : absolutePath(value, workingDirectory());
  };
  const layout = layoutOf(framework, {
    dkmsTree: directory("dkmstree"),
    sourceTree: directory("sourcetree"),
    installTree: directory("installtree"),
  });
  const options: RunOptions = {
    force: given.has("force"),
    versionCheck: !given.has("force-version-override"),
    depmod: given.has("no-depmod") ? "skip" : "run",
    modprobe: given.has("modprobe-on-install") || framework.modprobeOnInstall.value === "yes",
    objects: given.has("symlink-modules") || framework.symlinkModules.value === "yes" ? "linked" : "copied",
    confFile: directory("c"),
    kernelSource: directory("kernelsourcedir"),
    kernelConfig: directory("config"),
    directives: given.values("directive"),
  };
  const verbosity = given.has("verbose") || framework.verbose.value === "yes" ? "verbose" : "normal";
  return settingsOf({ framework, own }, layout, {
    options,
    verbosity,
    dryRun: given.has("dry-run"),
    result: given.has("json") ? "json" : "words",
    jobs: jobsOf(given),
  });
}

/** Settings for the programs that hooks run. */
export async function readHookSettings(
  given: { readonly dryRun?: boolean; readonly verbose?: boolean } = {},
): Promise<Settings> {
  const { framework, own } = await readFiles();
  const layout = layoutOf(framework, {});
  const options = plainOptions(framework);
  const verbosity = given.verbose === true ? "verbose" : "brief";
  return settingsOf({ framework, own }, layout, {
    options,
    verbosity,
    dryRun: given.dryRun === true,
    result: "words",
    jobs: undefined,
  });
}

/** How things are done when nobody asks for anything special. */
export function plainOptions(framework: FrameworkSettings): RunOptions {
  return {
    force: false,
    versionCheck: true,
    depmod: "run",
    modprobe: framework.modprobeOnInstall.value === "yes",
    objects: framework.symlinkModules.value === "yes" ? "linked" : "copied",
    confFile: undefined,
    kernelSource: undefined,
    kernelConfig: undefined,
    directives: [],
  };
}

/** Whether a run works on the trees that hooks work on, and not on those of its own command line. */
export function isOnUsualTrees({ framework, layout }: Settings): boolean {
  const usual = layoutOf(framework, {});
  return (["dkmsTree", "sourceTree", "installTree"] as const).every((tree) => isSameFile(layout[tree], usual[tree]));
}

interface SettingsFiles {
  readonly framework: FrameworkSettings;
  readonly own: OwnSettings;
}

async function readFiles(): Promise<SettingsFiles> {
  const framework = await readFrameworkConf(defaultLayout.overrides);
  const own = await readOwnSettings();
  for (const warning of [...framework.warnings, ...own.warnings]) writeLine("err", `Warning: ${warning}`);
  return { framework, own };
}

type Trees = { readonly [tree in "dkmsTree" | "sourceTree" | "installTree"]: string | undefined };

function layoutOf(framework: FrameworkSettings, given: Partial<Trees>): Layout {
  // Builds see the tree at this path, in a sandbox where links on the way to it may lead nowhere; what is installed is known by it.
  const usual = withoutLinks(defaultLayout.dkmsTree);
  const tree = withoutLinks(given.dkmsTree ?? framework.dkmsTree.value);
  const trees = {
    dkmsTree: isSameFile(tree, usual) ? usual : tree,
    sourceTree: given.sourceTree ?? framework.sourceTree.value,
    installTree: given.installTree ?? framework.installTree.value,
  };
  const layout = movedLayout(trees, usual);
  // Reports of hooks and checks are about the machine: who waits for them does not ask framework.conf where its tree is.
  const isOther = given.dkmsTree !== undefined && !isSameFile(tree, framework.dkmsTree.value);
  return isOther ? layout : { ...layout, watched: defaultLayout.watched };
}

function settingsOf(
  files: SettingsFiles,
  layout: Layout,
  rest: Pick<Settings, "options" | "verbosity" | "dryRun" | "result" | "jobs">,
): Settings {
  const scheme = {
    distribution: readDistribution(),
    addonDirectory: callerEnvironment()["ADDON_MODULES_DIR"],
  };
  return { ...rest, ...files, layout, scheme, jobs: rest.jobs ?? files.framework.parallelJobs.value };
}

function jobsOf(given: ParsedArguments): number | undefined {
  const text = given.value("j");
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`-j needs a number, not ${JSON.stringify(text)}.`);
}
