/** `dkms status` on a terminal: a table for people, with what is missing and why. Piped, the lines stay as programs expect them. */
import { tellLastCheck } from "./last-check.ts";
import { outlookOf } from "../../../decide/outlook/outlook.ts";
import { defaultLayout } from "../../../model/machine/layout.ts";
import type { Outlook } from "../../../model/health/outlook.ts";
import { sameKernel, type Pair } from "../../../model/pair.ts";
import type { Kernel, Module } from "../../../model/machine/world.ts";
import { readReports } from "../../../observe/health/reports.ts";
import { fileOwners } from "../../../observe/pacman/file-owners.ts";
import { readWholeWorld } from "../../../observe/world.ts";
import { paint } from "../../../system/colours.ts";
import { write } from "../../../system/output.ts";
import { terminalColumns } from "../../../system/terminal.ts";
import { statusTable, type TableLine, type TableRow } from "../../../tell/status/outlook.ts";
import { isSameFile } from "../../../system/files/files.ts";
import type { Settings } from "../../frame/settings.ts";

const colours: Readonly<Record<TableLine["tone"], Parameters<typeof paint>[1] | undefined>> = {
  head: "bold",
  good: "green",
  bad: "red",
  quiet: "dim",
  plain: undefined,
};

/** Prints the table; returns 0. */
export async function printStatusTable(settings: Settings): Promise<number> {
  const { layout } = settings;
  const world = await readWholeWorld(settings);
  const modules = world.modules.filter(({ registration, pairs }) => registration !== "none" || pairs.length > 0);
  const isUsual = isSameFile(layout.sourceTree, defaultLayout.sourceTree);
  const confs = modules.map(({ source }) => `${source}/dkms.conf`);
  const owners = isUsual ? await fileOwners(confs) : new Map<string, string>();
  const outlook = outlookOf(world, readReports(layout, 1)[0]?.report);
  const rows = modules.flatMap((module) => {
    const owner = owners.get(`${module.source}/dkms.conf`);
    const kernels = kernelsOf(world.kernels, module);
    const found = kernels.flatMap((kernel): TableRow[] => {
      const { release, arch } = kernel;
      const pair: Pair = { module: module.id, kernel: { release, arch } };
      const row = rowOf(outlook(pair));
      if (row === undefined) return [];
      const name = kernel.pkgbase === undefined ? release : `${kernel.pkgbase} ${release}`;
      return [
        { module: module.id, kernel: name, isRunning: sameKernel(kernel, world.running), package: owner, ...row },
      ];
    });
    if (found.length > 0) return found;
    const isBroken = module.registration === "broken";
    const reason = isBroken ? `its source ${module.source} is missing` : undefined;
    const state = isBroken ? ("broken" as const) : ("added" as const);
    return [{ module: module.id, kernel: undefined, isRunning: false, state, package: owner, reason }];
  });
  for (const { text, tone } of statusTable(rows, terminalColumns() ?? 80))
    write("out", `${paint(text, colours[tone], 1)}\n`);
  tellLastCheck(layout);
  return 0;
}

/** Kernels of the machine, and those for which the tree has something of the module. */
function kernelsOf(all: readonly Kernel[], { pairs }: Module): readonly Kernel[] {
  const present = all.filter(({ modules }) => modules === "present");
  const others = pairs
    .map(({ pair }) => pair.kernel)
    .filter((kernel) => !present.some((other) => sameKernel(other, kernel)))
    .map((kernel): Kernel => ({ ...kernel, pkgbase: undefined, modules: "absent", headers: undefined }));
  return [...present, ...others];
}

/** Undefined for a pair that nobody expects. */
function rowOf({
  state,
  isWanted,
  isSkipped,
  reason,
  lastFailure,
}: Outlook): Pick<TableRow, "state" | "reason"> | undefined {
  if (state === "installed") return { state, reason: isWanted && !reason.endsWith("up to date") ? reason : undefined };
  if (state === "supplied by a package") return { state: "supplied", reason: undefined };
  if (lastFailure !== undefined) return { state: "failed", reason: lastFailure.message ?? reason };
  if (isSkipped) return { state: "skipped", reason };
  if (isWanted) return { state: "missing", reason };
  return state === "built" ? { state, reason } : undefined;
}
