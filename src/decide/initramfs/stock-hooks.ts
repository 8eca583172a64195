/** What the hooks that come with mkinitcpio, dracut and booster do in a transaction. */
import type { Hook, Operation, Trigger } from "../../alpm/hook/hook.ts";
import { matchesTargets } from "../../alpm/target-match.ts";
import type { Targets } from "../../alpm/targets.ts";
import type { ArrivedPackages } from "../../model/machine/arrived-packages.ts";
import type { Generator } from "../hookgen/names.ts";

/** What is known of a transaction after it. */
export interface KnownTransaction {
  /** The kernel's pkgbase. */
  readonly kernel: string;
  /** What our hook got on stdin. */
  readonly targets: Targets;
  /** Those of the named packages that are installed and own a `usr/src/<dir>/dkms.conf`. */
  readonly confOwners: ReadonlySet<string>;
  /** What the whole transaction has brought: a stock hook also fires on what our hook does not get to see, such as firmware. */
  readonly arrivals: ArrivedPackages;
  /** The kernels of this pkgbase that are installed now. */
  readonly releases: readonly { readonly release: string }[];
}

/**
 * Whether a stock hook fires and its script then writes the image of this kernel.
 * mkinitcpio: of each kernel whose vmlinuz comes; of all kernels for any other path, dkms.conf among them since version 37.
 * dracut: of each kernel whose pkgbase file comes; its hook also fires on dkms.conf, but its script then does nothing.
 * booster: of each kernel whose vmlinuz comes.
 */
export function stockHookWrites(generator: Generator, hook: Hook, known: KnownTransaction): boolean {
  const fires = (path: string, presence: Presence): boolean =>
    hook.triggers.some((trigger) => trigger.type === "Path" && surelyFires(trigger, path, presence));
  const kernelFile = generator === "dracut" ? "pkgbase" : "vmlinuz";
  const releases = newReleases(known);
  if (releases.length > 0) {
    return releases.every((release) => fires(`usr/lib/modules/${release}/${kernelFile}`, "there"));
  }
  if (generator !== "mkinitcpio") return false;
  return confs(known).some(({ path, presence }) => fires(path, presence)) || firesOnArrivals(hook, known.arrivals);
}

/** Whether it fires on anything for which mkinitcpio's script writes all images: whatever is neither a kernel's image nor its directory of extra modules. */
function firesOnArrivals({ triggers }: Hook, { packages, paths }: ArrivedPackages): boolean {
  return triggers.some((trigger) => {
    if (trigger.type === "Package") return [...packages].some((name) => surelyFires(trigger, name, "there"));
    const starts = trigger.targets.filter((target) => !target.startsWith("!")).map(literalStart);
    return paths.some(
      (path) =>
        starts.some((start) => path.startsWith(start)) &&
        !/^usr\/lib\/modules\/[^/]+\/(?:vmlinuz|extramodules\/)$/.test(path) &&
        surelyFires(trigger, path, "there"),
    );
  });
}

/** What every path begins with that a pattern matches; most of a transaction's paths are sorted out by it. */
function literalStart(target: string): string {
  return target.split(/[*?[\\]/, 1)[0] ?? "";
}

/** The kernels that this transaction has brought: the kernel's package is a target, or its image is. */
function newReleases({ kernel, targets, releases }: KnownTransaction): readonly string[] {
  const all = releases.map(({ release }) => release);
  return targets.packages.has(kernel) ? all : all.filter((release) => targets.parts.vmlinuz.has(release));
}

type Presence = "there" | "unknown";

interface Conf {
  readonly path: string;
  readonly presence: Presence;
}

/** The dkms.conf files of the transaction; for that of an installed package any name will do, since triggers have a wildcard there. */
function confs({ targets, confOwners }: KnownTransaction): readonly Conf[] {
  const named = [...targets.sourceDirectories].map((name): Conf => ({
    path: `usr/src/${name}/dkms.conf`,
    presence: "unknown",
  }));
  const owned = [...targets.packages].some((name) => confOwners.has(name));
  return owned ? [...named, { path: "usr/src/module-1/dkms.conf", presence: "there" }] : named;
}

/** Targets do not tell the operation: a trigger is sure to fire only when it has every operation that it may have been. */
function surelyFires({ operations, targets }: Trigger, path: string, presence: Presence): boolean {
  const possible: readonly Operation[] =
    presence === "there" ? ["Install", "Upgrade"] : ["Install", "Upgrade", "Remove"];
  return matchesTargets(targets, path) && possible.every((operation) => operations.includes(operation));
}
