/** Evaluates and judges the confs of pairs: all of them at once, each kernel's facts read once. */
import { join } from "node:path";
import { interpretDirectives } from "../../model/conf/directives.ts";
import { exclusions } from "../../model/conf/exclusive.ts";
import type { KernelBuildFacts } from "../../model/kernel/kernel-build-facts.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { kernelText, pairKey, type KernelId, type Pair } from "../../model/pair.ts";
import type { RawConf } from "../../model/conf/raw-conf.ts";
import type { Conf, Kernel } from "../../model/machine/world.ts";
import { processors } from "../../system/environment.ts";
import { targetKind } from "../../system/files/files.ts";
import { confPath, overridePaths } from "./conf-files.ts";
import type { ObserveContext } from "../context.ts";
import { evaluateConfs, type ConfRequest } from "./dkms-conf.ts";
import { readKernelBuildFacts } from "../kernel/kernel-build-facts.ts";
import { kernelConfigPath, readKernelConfig } from "../kernel/kernel-config.ts";

/** A pair and the directory that its module's conf is in. */
export interface ConfSubject {
  readonly pair: Pair;
  readonly source: string;
}

/** What of a kernel's facts an evaluation needs. */
type ConfigFacts = Pick<KernelBuildFacts, "config">;

/** Evaluates the confs of pairs; the map has one entry for each, by `pairKey`. */
export async function readConfs(
  context: ObserveContext,
  facts: ReadonlyMap<string, ConfigFacts>,
  subjects: readonly ConfSubject[],
): Promise<ReadonlyMap<string, Conf>> {
  const requests = subjects.map((subject) => confRequest(context, facts, subject));
  const raw = requests.length === 0 ? [] : await evaluateConfs(requests, { sandbox: context.own.sandbox.value });
  const confs = new Map<string, Conf>();
  for (const [index, { pair }] of subjects.entries()) {
    const found = raw[index];
    if (found !== undefined) confs.set(pairKey(pair), judge(found, pair, facts.get(kernelText(pair.kernel))));
  }
  return confs;
}

/** The configurations of kernels by `kernelText`: enough where nothing is to be built. */
export function readConfigs(context: ObserveContext, kernels: readonly Kernel[]): ReadonlyMap<string, ConfigFacts> {
  return new Map(
    kernels.map((kernel) => {
      const headers = context.options.kernelSource ?? kernel.headers;
      const path = headers === undefined ? undefined : kernelConfigPath(headers, context.options.kernelConfig);
      return [kernelText(kernel), { config: path === undefined ? undefined : readKernelConfig(path) }] as const;
    }),
  );
}

/** How each of the kernels was built, by `kernelText`; kernels without headers are left out. */
export function readFacts(
  context: ObserveContext,
  kernels: readonly (Kernel | undefined)[],
): ReadonlyMap<string, KernelBuildFacts> {
  const withHeaders = kernels.flatMap((kernel) => {
    const headers = context.options.kernelSource ?? kernel?.headers;
    return kernel === undefined || headers === undefined ? [] : [{ kernel, headers }];
  });
  return new Map(
    withHeaders.map(({ kernel, headers }) => {
      const found = readKernelBuildFacts({ headers, config: context.options.kernelConfig });
      return [kernelText(kernel), found] as const;
    }),
  );
}

function confRequest(
  context: ObserveContext,
  facts: ReadonlyMap<string, ConfigFacts>,
  { pair, source }: ConfSubject,
): ConfRequest {
  const overrides = overridePaths(context, pair).filter((path) => targetKind(path) === "file");
  const path = context.options.confFile ?? confPath(context, pair, source);
  const variables = {
    ...confVariables(context, pair.kernel, facts.get(kernelText(pair.kernel))),
    module: pair.module.name,
    module_version: pair.module.version,
  };
  return { path, overrides, variables, directives: context.options.directives };
}

/** Shell variables of dkms that a conf may read. */
export function confVariables(
  { layout, framework, options, scheme, jobs }: ObserveContext,
  kernel: KernelId,
  facts: ConfigFacts | undefined,
): Readonly<Record<string, string>> {
  return {
    kernelver: kernel.release,
    arch: kernel.arch,
    kernel_source_dir: options.kernelSource ?? join(kernelDirectory(layout, kernel.release), "build"),
    kernel_config: facts?.config?.path ?? "",
    dkms_tree: layout.dkmsTree,
    source_tree: layout.sourceTree,
    install_tree: layout.installTree,
    tmp_location: framework.tmpLocation.value,
    parallel_jobs: String(jobs ?? processors()),
    running_distribution: scheme.distribution,
    verbose: framework.verbose.value === "yes" ? "true" : "",
    force: options.force ? "true" : "",
  };
}

function judge(raw: RawConf, pair: Pair, facts: ConfigFacts | undefined): Conf {
  const { path } = raw;
  if (raw.problems.some(({ kind }) => kind === "unreadable")) return { kind: "missing", path };
  const { directives, errors, warnings, deprecated } = interpretDirectives(raw);
  if (directives === undefined) return { kind: "invalid", path, errors };
  return {
    kind: "valid",
    path,
    directives,
    exclusions: exclusions(directives, { ...pair.kernel, config: facts?.config }),
    warnings,
    deprecated,
    stderr: raw.stderr,
  };
}
