/** `dkms why`: whether hooks want a module for a kernel, how it is, what failed the last time, and what the next run would do. */
import { outlookOf } from "../../../decide/outlook/outlook.ts";
import { DkmsError } from "../../../model/errors.ts";
import { pairLog } from "../../../model/machine/layout.ts";
import type { Pair } from "../../../model/pair.ts";
import { readBuildLogs } from "../../../observe/build-logs.ts";
import { readReports } from "../../../observe/health/reports.ts";
import { readWholeWorld } from "../../../observe/world.ts";
import { writeDocument } from "../../../system/output.ts";
import { userNames } from "../../../tell/names.ts";
import { didYouMean } from "../../../tell/nearest.ts";
import { whyJson, whyLines, type KnownLog } from "../../../tell/status/outlook.ts";
import { tellLine } from "../../frame/live-output.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";
import { usageError } from "../../frame/usage.ts";
import { kernelChoice } from "../given-kernels.ts";
import { givenModule } from "../given-module.ts";

/** Prints it and returns 0; throws `usage` without a module, `module-not-added` for one that nobody knows. */
export async function runWhy(settings: Settings, given: ParsedArguments): Promise<number> {
  const { layout } = settings;
  const { name, version } = givenModule(given);
  if (name === undefined || name === "") throw usageError("dkms why needs a module: dkms why MODULE");
  const choice = kernelChoice(given);
  const world = await readWholeWorld(settings);
  const modules = world.modules.filter(
    ({ id }) => id.name === name && (version === undefined || id.version === version),
  );
  if (modules.length === 0) {
    const names = [...new Set(world.modules.map(({ id }) => id.name as string))];
    const hint = didYouMean(name, names) ?? "See what is: dkms status";
    throw new DkmsError("module-not-added", `${name}${version === undefined ? "" : `/${version}`} is not known here.`, {
      hint,
    });
  }
  const kernels =
    choice.kind === "these" ? choice.kernels : world.kernels.filter(({ modules: has }) => has === "present");
  const outlook = outlookOf(world, readReports(layout, 1)[0]?.report);
  const logs = readBuildLogs(layout);
  const logOf = (pair: Pair): KnownLog | undefined => logs.find(({ path }) => path === pairLog(layout, pair));
  const found = modules
    .flatMap(({ id }) => kernels.map(({ release, arch }): Pair => ({ module: id, kernel: { release, arch } })))
    .map((pair) => ({ outlook: outlook(pair), log: logOf(pair) }));
  if (given.has("json")) writeDocument(whyJson(found));
  else {
    const names = userNames(world.kernels);
    for (const { outlook: one, log } of found)
      for (const { stream, text } of whyLines(one, log)) tellLine({ stream, text: names(text) });
  }
  return 0;
}
