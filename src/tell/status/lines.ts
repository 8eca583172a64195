/** The lines of `dkms status`, byte for byte as the reference prints them: programs read them. */
import { moduleText, pairWords, type ModuleId, type Pair } from "../../model/pair.ts";

/** One line's worth of state. */
export type StatusRow =
  | { readonly kind: "added"; readonly module: ModuleId }
  /** `kept`: its pairs that wait for another version to take their place. */
  | {
      readonly kind: "broken";
      readonly module: ModuleId;
      readonly source: string;
      readonly kept: readonly { readonly pair: Pair; readonly awaited: ModuleId }[];
    }
  | {
      readonly kind: "built" | "installed";
      readonly pair: Pair;
      readonly originals: "kept" | "none";
      readonly fault: { readonly kind: "missing" | "differs" } | undefined;
    };

/** `zfs/2.2.2, 6.6.1-arch1-1, x86_64: installed` */
export function statusLine(row: StatusRow): string {
  switch (row.kind) {
    case "added":
    case "broken":
      return `${moduleText(row.module)}: ${row.kind}`;
    case "built":
    case "installed": {
      const { module, kernel } = row.pair;
      return `${moduleText(module)}, ${kernel.release}, ${kernel.arch}: ${row.kind}${extra(row)}`;
    }
  }
}

function extra({ originals, fault }: Extract<StatusRow, { pair: unknown }>): string {
  const kept = originals === "kept" ? " (Original modules exist)" : "";
  if (fault === undefined) return kept;
  return fault.kind === "missing"
    ? `${kept} (Built modules are missing in the kernel modules folder)`
    : `${kept} (Differences between built and installed modules)`;
}

/** What a broken module needs, for stderr. */
export function brokenLines({ module, source, kept }: Extract<StatusRow, { kind: "broken" }>): readonly string[] {
  if (kept.length > 0) {
    return kept.map(
      ({ pair, awaited }) =>
        `${pairWords(pair)} is kept, though its source was removed, until ${moduleText(awaited)} is installed there.`,
    );
  }
  return [
    "",
    `Error! ${moduleText(module)}: its source ${source} is missing, or the link to it is.`,
    "Install the package that brings it again, or delete what remains of it: dkms prune",
  ];
}
