/** Reads failures of earlier builds from their logs. */
import { basename, join } from "node:path";
import { pairLog } from "../../model/machine/layout.ts";
import { findPair } from "../../model/machine/lookup.ts";
import type { Conf, World } from "../../model/machine/world.ts";
import { pairKey, type Pair } from "../../model/pair.ts";
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import { sandboxOf } from "../../model/settings/sandbox-settings.ts";
import { readText } from "../../system/files/content.ts";
import { fileFacts, listDirectory, listTree } from "../../system/files/files.ts";
import { failedCommand } from "../build-logs.ts";
import type { ObserveContext } from "../context.ts";
import { readRunningKernelLines } from "../packaging/running-kernel-lines.ts";
import { readEvidence } from "./evidence.ts";

/** A failure that only its log tells of. */
export interface LoggedFailure {
  readonly log: string;
  readonly evidence: FailureEvidence;
}

/** By `pairKey`, the pairs that are not installed, whose last build failed, and whose source has not changed since. */
export function readLoggedFailures(context: ObserveContext, world: World): ReadonlyMap<string, LoggedFailure> {
  const { layout } = context;
  const logs = new Set(listDirectory(layout.logs));
  const found = world.modules
    .filter(({ sourcePresent }) => sourcePresent)
    .flatMap((module) => world.kernels.map((kernel) => ({ module, pair: { module: module.id, kernel } })))
    .filter(({ pair }) => logs.has(basename(pairLog(layout, pair))) && findPair(world, pair)?.state !== "installed");
  return new Map(
    found.flatMap(({ module, pair }) => {
      const failure = loggedFailure(context, world.confs.get(pairKey(pair)), { pair, source: module.source });
      return failure === undefined ? [] : [[pairKey(pair), failure] as const];
    }),
  );
}

function loggedFailure(
  { layout, own }: ObserveContext,
  conf: Conf | undefined,
  { pair, source }: { readonly pair: Pair; readonly source: string },
): LoggedFailure | undefined {
  const log = pairLog(layout, pair);
  const failed = failedCommand(readText(log) ?? "");
  if (conf?.kind !== "valid" || failed === undefined || isNewerThan(source, log)) return undefined;
  const { directives } = conf;
  const sandbox = sandboxOf(own);
  const isClosed = sandbox.sandbox !== "no";
  const evidence: FailureEvidence = {
    ...readEvidence({ layout, sandbox, pair, directives, isClosed }, source, failed.output),
    step: failed.isMake ? "compiling" : "script",
    runningKernelLines: readRunningKernelLines(source),
    sources: undefined,
  };
  return { log, evidence };
}

/** Whether a source directory holds something that is younger than a log. */
function isNewerThan(source: string, log: string): boolean {
  const written = fileFacts(log)?.modified ?? 0n;
  const paths = [source, ...listTree(source).map(({ path }) => join(source, path))];
  return paths.some((path) => (fileFacts(path)?.modified ?? 0n) > written);
}
