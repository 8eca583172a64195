/** Kernels that stay and for which nothing can be built after a transaction: what is installed there stays. Pure. */
import { list } from "../../model/boot/words.ts";
import type { GuardFinding, GuardMachine, Incoming, StuckKernel } from "../../model/guard/guard.ts";
import { moduleText } from "../../model/pair.ts";
import type { Losses } from "./losses.ts";

/** What there is to say of them. Nothing is lost, so none of it refuses. */
export function stuckFindings(
  machine: Pick<GuardMachine, "stuck" | "modules"> | undefined,
  incoming: Pick<Incoming, "packages">,
  losses: Losses,
): readonly GuardFinding[] {
  return (machine?.stuck ?? []).flatMap((stuck): GuardFinding[] => {
    const present = [...losses.thereNow(stuck.kernel.release)].toSorted();
    const { losesHeaders, notBuilt } = stuck;
    if (notBuilt.length === 0 && !(losesHeaders && present.length > 0)) return [];
    return [
      {
        kind: "no-headers",
        subject: `Kernel ${stuck.kernel.release}`,
        why: wordsOf(stuck, present),
        effect: "warns",
        packages: packagesOf(stuck, machine?.modules ?? [], incoming),
      },
    ];
  });
}

/** Those that have modules now, which cannot be built again or replaced by a newer version. */
export function stuckWithModules(stuck: readonly StuckKernel[], losses: Losses): readonly StuckKernel[] {
  return stuck.filter(({ kernel, losesHeaders, notBuilt }) => {
    const present = losses.thereNow(kernel.release);
    return losesHeaders ? present.size > 0 : notBuilt.some(({ module }) => present.has(module.name));
  });
}

function wordsOf({ losesHeaders, others, notBuilt }: StuckKernel, present: readonly string[]): string {
  const names = notBuilt.map(({ module }) => moduleText(module));
  const headers = !losesHeaders
    ? "its headers are not installed"
    : others.length === 0
      ? "its headers are removed"
      : `its headers are replaced by those of ${list(others)}, which is another release`;
  const result = names.length > 0 ? `so ${list(names)} cannot be built for it` : "so no module can be built for it";
  const stay = present.length === 0 ? "" : `; what is installed there stays (${present.join(", ")})`;
  return `${headers}, ${result}${stay}`;
}

/** Packages without which the kernel keeps its headers, or without which nothing would have to be built for it. */
function packagesOf(
  { kernel, losesHeaders, notBuilt }: StuckKernel,
  modules: GuardMachine["modules"],
  { packages }: Pick<Incoming, "packages">,
): readonly string[] {
  const names = new Set<string>(notBuilt.map(({ module }) => module.name));
  const directories = new Set(modules.filter(({ name }) => names.has(name)).map(({ directory }) => directory));
  return packages
    .filter(({ leavingHeaders, sourceDirectories }) =>
      losesHeaders
        ? leavingHeaders.includes(kernel.release)
        : sourceDirectories.some((directory) => directories.has(directory)),
    )
    .map(({ name }) => name)
    .toSorted();
}
