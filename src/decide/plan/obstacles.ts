/** Why a pair cannot be built: no source, no good conf, excluded, no headers, a dependency that is not there. */
import { strictFindings } from "../../model/conf/directives.ts";
import { DkmsError } from "../../model/errors.ts";
import { kernelWords, moduleText, pairKey, pairWords, sameKernel, type Pair } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import { findKernel, otherHeaders, type Conf, type Module, type World } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import type { Goal } from "./pair-steps.ts";
import type { WorldIndex } from "./world-index.ts";

/** The first obstacle, in the order in which the reference looks for them. With force a missing dependency is told and is none. */
export function buildObstacle(index: WorldIndex, draft: Draft, pair: Pair, goal: Goal): DkmsError | undefined {
  const obstacle = ownObstacle(index, pair);
  const conf = index.conf(pair);
  if (obstacle !== undefined || conf === undefined) return obstacle;
  const kernel = index.kernel(pair.kernel);
  if (kernel.headers === undefined) return headersMissing(index.world, pair);
  const missing = conf.directives.buildDepends.filter((name) => !dependencyThere(index, draft, name, pair));
  if (missing.length === 0) return undefined;
  const isUnknown = missing.some((name) => index.versions(name).length === 0);
  const error = new DkmsError(
    isUnknown && goal.unknownDependency === "deferred" ? "dependency-deferred" : "dependency-missing",
    `${pairWords(pair)} needs ${missing.join(", ")}, which ${missing.length === 1 ? "is" : "are"} not installed for that kernel.`,
    {
      module: moduleText(pair.module),
      kernel: pair.kernel.release,
      hint: `Install ${missing.join(", ")} for ${pair.kernel.release} first, or override with --force.`,
    },
  );
  if (!goal.force) return error;
  draft.find("warning", error, pair);
  return undefined;
}

/** The obstacles that lie in the module itself: its source, its conf, or that it is not meant for the kernel. */
export function ownObstacle(index: WorldIndex, pair: Pair): DkmsError | undefined {
  const obstacle = sourceObstacle(index.world, pair, index.module(pair.module));
  if (obstacle !== undefined) return obstacle;
  const reasons = index.conf(pair)?.exclusions.pair ?? [];
  return reasons.length > 0 ? excluded(pair, reasons) : undefined;
}

/** Why a module cannot be added: its source or its conf is missing, or the conf is no good. */
export function sourceObstacle(
  world: Pick<World, "confs">,
  pair: Pair,
  module: Module | undefined,
): DkmsError | undefined {
  if (module === undefined || !module.sourcePresent) return sourceMissing(pair, module);
  const conf = world.confs.get(pairKey(pair));
  if (conf?.kind !== "valid") return confObstacle(pair, conf, module);
  const { errors } = strictFindings(conf.directives);
  return errors.length === 0 ? undefined : confObstacle(pair, { kind: "invalid", path: conf.path, errors }, module);
}

/** Some version of a package is installed for the pair's kernel, or will be by this plan. */
function dependencyThere(index: WorldIndex, draft: Draft, name: string, { kernel }: Pair): boolean {
  if (index.active(name, kernel) !== undefined) return true;
  return index.versions(name).some(({ id }) => draft.installOf({ module: id, kernel }) !== undefined);
}

function sourceMissing(pair: Pair, module: Module | undefined): DkmsError {
  const path = module?.source ?? "";
  if (module?.registration === "broken") return broken(module);
  return new DkmsError(
    "source-missing",
    `The source of ${moduleText(pair.module)} is not there: ${path} does not exist.`,
    {
      module: moduleText(pair.module),
      path,
      hint: "Install the package that brings it, or name the directory: dkms add DIRECTORY",
    },
  );
}

/** The error for a module whose source link leads nowhere. */
export function broken(module: Module): DkmsError {
  const text = moduleText(module.id);
  return new DkmsError("module-broken", `${text} is broken: its source ${module.source} is missing.`, {
    module: text,
    path: module.source,
    hint: `Install the package that brings ${module.source} again, or delete what remains of it: dkms prune`,
  });
}

function confObstacle(pair: Pair, conf: Conf | undefined, module: Module): DkmsError {
  const path = conf?.path ?? `${module.source}/dkms.conf`;
  const facts = { module: moduleText(pair.module), kernel: pair.kernel.release, path };
  if (conf?.kind !== "invalid") {
    return new DkmsError("conf-missing", `There is no readable dkms.conf for ${moduleText(pair.module)} at ${path}.`, {
      ...facts,
      hint: "Install the module's package again, or name another file with -c.",
    });
  }
  return new DkmsError("conf-invalid", `${path} is no valid dkms.conf for ${moduleText(pair.module)}.`, {
    ...facts,
    excerpt: conf.errors,
    hint: "Correct the file, or report it to the maintainer of the module's package.",
  });
}

function excluded(pair: Pair, exclusions: readonly string[]): DkmsError {
  return new DkmsError("excluded", `${moduleText(pair.module)} is not meant for ${kernelWords(pair.kernel)}.`, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
    excerpt: exclusions,
  });
}

/** The error for a kernel whose headers are not installed; it names their package where the kernel's is known, and headers that wait for a kernel of their own. */
export function headersMissing(world: World, pair: Pair): DkmsError {
  const { release } = pair.kernel;
  const { pkgbase, modules } = findKernel(world, pair.kernel);
  const isNowhere = modules === "absent";
  const others = otherHeaders(world);
  const instead = others.length === 0 ? "" : ` There are headers for ${others.join(", ")}, which is another release.`;
  const fixes = {
    missing: `There is no such kernel. Kernels here: ${kernelNames(world).join(", ")}`,
    unknown: `Install the headers that belong to ${release}, or say where they are with --kernelsourcedir.`,
    absent: `Install them: pacman -S ${pkgbase}-headers`,
    other: `Install kernel and headers of one release: pacman -Syu ${pkgbase} ${pkgbase}-headers`,
  };
  return new DkmsError("headers-missing", `The headers of kernel ${release} are not installed.${instead}`, {
    kernel: release,
    module: moduleText(pair.module),
    hint: fixes[
      isNowhere && kernelNames(world).length > 0
        ? "missing"
        : pkgbase === undefined
          ? "unknown"
          : others.length > 0
            ? "other"
            : "absent"
    ],
  });
}

/** Warns of each kernel with modules whose headers went, unless the plan refuses to build for it and says so there. */
export function tellLostHeaders(index: WorldIndex, draft: Draft, scope: Scope): void {
  const { world } = index;
  if (!otherHeaders(world).some((release) => scope.releases.has(release))) return;
  for (const kernel of world.kernels) {
    if (kernel.modules !== "present" || kernel.pkgbase === undefined || kernel.headers !== undefined) continue;
    // What has lost its source may be removed by the same transaction.
    const pairs = index.names
      .flatMap((name) => index.active(name, kernel)?.pair ?? [])
      .filter(({ module: id }) => {
        const module = index.module(id);
        return module !== undefined && index.hasSource(module);
      });
    const [first] = pairs;
    const isTold = draft.findings.some(
      ({ error, pair }) => error.code === "headers-missing" && pair !== undefined && sameKernel(pair.kernel, kernel),
    );
    if (first === undefined || isTold) continue;
    const names = pairs.map(({ module }) => moduleText(module)).join(", ");
    const { message, facts } = headersMissing(world, first);
    const stay = `${names} ${pairs.length === 1 ? "stays" : "stay"} installed there, and no module can be built for it.`;
    draft.find("warning", new DkmsError("headers-missing", `${message} ${stay}`, facts));
  }
}

/** `linux 6.6.2-arch1-1`, for each kernel that is installed. */
function kernelNames({ kernels }: Pick<World, "kernels">): readonly string[] {
  return kernels
    .filter(({ modules }) => modules === "present")
    .map(({ release, pkgbase }) => (pkgbase === undefined ? release : `${pkgbase} ${release}`));
}
