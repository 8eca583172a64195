/** Brings everything that one kernel needs to it: dependencies first, missing headers and circles told once. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, type KernelId, type Pair } from "../../model/pair.ts";
import type { Kernel, World } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import type { Need, Needs } from "./needs.ts";
import { headersMissing } from "./obstacles.ts";
import { dependencyOrder, type DependencyOrder } from "./order.ts";
import { bringPair, type Goal } from "./pair-steps.ts";
import type { WorldIndex } from "./world-index.ts";

/** Appends the steps for all needs of a kernel, or what keeps them from it. */
export function bringNeeds(
  index: WorldIndex,
  draft: Draft,
  kernel: Kernel,
  work: { readonly needs: Needs; readonly unknownDependency: Goal["unknownDependency"] },
): void {
  const { needs, unknownDependency } = work;
  const { circles } = orderOf(index, kernel, needs);
  const circular = new Set(circles.flat());
  // What is only to follow another module and goes in a circle stays as it is: whoever needs it has that.
  const able = new Map([...needs].filter(([name, { cause }]) => cause === "itself" || !circular.has(name)));
  const { order } = orderOf(index, kernel, able);
  const unbuildable: Need[] = [];
  for (const need of order.map((name) => needs.get(name)).filter((found) => found !== undefined)) {
    const { reason } = need;
    const pair = pairOf(need, kernel);
    const build = isOutdated(index, draft, pair) ? "always" : need.build;
    if (need.cause === "dependency" && !isCaused(index, draft, pair)) continue;
    if (kernel.headers === undefined && needsCompiler(index, need, kernel)) unbuildable.push(need);
    else {
      const goal = { state: "installed", force: false, build, unknownDependency, yields: true, reason } as const;
      bringPair(index, draft, pair, goal);
    }
  }
  tellHeaders(index.world, draft, kernel, unbuildable);
  for (const circle of circles) draft.find("refusal", circleError(kernel, circle));
  const told = new Set([...order, ...circular]);
  for (const [name, need] of needs) {
    if (told.has(name)) continue;
    const text = moduleText(need.module.id);
    const facts = { module: text, kernel: kernel.release };
    const error = new DkmsError("dependency-failed", `${text} depends on a circle of BUILD_DEPENDS.`, facts);
    draft.find("refusal", error, pairOf(need, kernel));
  }
}

/** The names of what is needed, each after all that it depends on. */
export function orderOf(index: WorldIndex, kernel: KernelId, needs: Needs): DependencyOrder {
  return dependencyOrder([...needs.keys()], (name) => {
    const need = needs.get(name);
    return need === undefined ? [] : (index.conf(pairOf(need, kernel))?.directives.buildDepends ?? []);
  });
}

/** Whether a need takes more than putting into its place what is built. */
export function needsCompiler(index: WorldIndex, need: Need, kernel: KernelId): boolean {
  return need.build === "always" || index.pair(pairOf(need, kernel)) === undefined;
}

/** Whether this plan installs something that the pair depends on. */
function isCaused(index: WorldIndex, draft: Draft, pair: Pair): boolean {
  const names = index.conf(pair)?.directives.buildDepends ?? [];
  const versions = names.flatMap((name) => index.versions(name));
  return versions.some(({ id }) => draft.installOf({ module: id, kernel: pair.kernel }) !== undefined);
}

/** Whether the pair was built with another version of something than is, or will be, installed, and says that this matters. */
function isOutdated(index: WorldIndex, draft: Draft, pair: Pair): boolean {
  const conf = index.conf(pair);
  const state = index.pair(pair);
  if (conf?.directives.rebuild !== "yes" || state === undefined) return false;
  return conf.directives.buildDepends.some((name) => {
    const planned = index
      .versions(name)
      .find(({ id }) => draft.installOf({ module: id, kernel: pair.kernel }) !== undefined);
    const version = (planned?.id ?? index.active(name, pair.kernel)?.pair.module)?.version;
    return version !== undefined && state.builtWith.get(name) !== version;
  });
}

function pairOf({ module }: Need, { release, arch }: KernelId): Pair {
  return { module: module.id, kernel: { release, arch } };
}

function tellHeaders(world: World, draft: Draft, kernel: Kernel, needs: readonly Need[]): void {
  const [first] = needs;
  if (first === undefined) return;
  const names = needs.map(({ module }) => moduleText(module.id)).join(", ");
  const pair = pairOf(first, kernel);
  const { message, facts } = headersMissing(world, pair);
  draft.find("refusal", new DkmsError("headers-missing", `${message} Not built: ${names}.`, facts), pair);
}

function circleError(kernel: Kernel, circle: readonly string[]): DkmsError {
  const names = [...circle, circle[0]].join(" -> ");
  return new DkmsError("dependency-circle", `BUILD_DEPENDS go in a circle for kernel ${kernel.release}: ${names}.`, {
    kernel: kernel.release,
    hint: "Report it to the maintainers of these modules.",
  });
}
