/** Orders: kernels by what matters to the user first, modules by what they depend on. */
import { vercmp } from "../../alpm/vercmp.ts";
import { compareBytes } from "../../model/order.ts";
import type { Kernel, World } from "../../model/machine/world.ts";

/** Kernels in the order of their work: those that the transaction brought, then the running one, then by pkgbase and newest release. */
export function kernelsInOrder(world: World, arrived: ReadonlySet<string>): readonly Kernel[] {
  const rank = (kernel: Kernel): number =>
    arrived.has(kernel.release)
      ? 0
      : kernel.release === world.running.release
        ? 1
        : kernel.pkgbase !== undefined
          ? 2
          : 3;
  return world.kernels.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      compareBytes(a.pkgbase ?? "", b.pkgbase ?? "") ||
      vercmp(b.release, a.release) ||
      compareBytes(a.arch, b.arch),
  );
}

/** Items in an order in which each comes after all that it depends on, and the circles that keep some from having one. */
export interface DependencyOrder {
  readonly order: readonly string[];
  /** Each circle as the names of its members, in the direction of the dependency. Every name that is in a circle is in one of these. */
  readonly circles: readonly (readonly string[])[];
}

/**
 * Sorts names so that dependencies come first; otherwise the given order is kept. Dependencies that are not among the names are ignored.
 * Names in a circle, and those that depend on one, are left out of `order`.
 */
export function dependencyOrder(
  names: readonly string[],
  dependenciesOf: (name: string) => readonly string[],
): DependencyOrder {
  const known = new Set(names);
  const dependencies = new Map(names.map((name) => [name, dependenciesOf(name).filter((other) => known.has(other))]));
  const order: string[] = [];
  const state = new Map<string, "open" | "ordered" | "stuck">();

  const visit = (name: string): boolean => {
    const seen = state.get(name);
    if (seen !== undefined) return seen === "ordered";
    state.set(name, "open");
    let free = true;
    for (const dependency of dependencies.get(name) ?? []) if (!visit(dependency)) free = false;
    state.set(name, free ? "ordered" : "stuck");
    if (free) order.push(name);
    return free;
  };
  for (const name of names) visit(name);

  const circles: (readonly string[])[] = [];
  const told = new Set<string>();
  for (const name of names) {
    if (state.get(name) !== "stuck" || told.has(name)) continue;
    const circle = shortestCircle(name, dependencies);
    for (const member of circle) told.add(member);
    if (circle.length > 0) circles.push(circle);
  }
  return { order, circles };
}

/** The shortest way from a name over its dependencies back to itself, without the return; empty when there is none. */
function shortestCircle(start: string, dependencies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set([start]);
  let paths: readonly (readonly string[])[] = [[start]];
  while (paths.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const path of paths) {
      for (const next of dependencies.get(path.at(-1) ?? "") ?? []) {
        if (next === start) return path;
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...path, next]);
      }
    }
    paths = longer;
  }
  return [];
}
