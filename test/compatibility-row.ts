/** What real module packages came to with this project and with the reference, as rows of docs/compatibility.md: `$DKMS_ALPM_COMPATIBILITY` names their file. */
import { appendFileSync } from "node:fs";

const verdicts = ["installed", "excluded", "not built"] as const;

/** What a program came to with a module for a kernel. */
export type ModuleVerdict = (typeof verdicts)[number];

/** One module package for one kernel. */
export interface CompatibilityRow {
  /** Debian's package and its version: `zfs-dkms`, `2.4.4-1`. */
  readonly package: string;
  readonly version: string;
  /** The kernel's release. */
  readonly kernel: string;
  readonly ours: ModuleVerdict;
  readonly reference: ModuleVerdict;
  /** How many objects each has installed, and whether modinfo prints the same of all of them. */
  readonly objects: { readonly ours: number; readonly reference: number; readonly same: boolean };
  /** The reference's version, and the day. */
  readonly dkms: string;
  readonly date: string;
}

/** Adds a row, a line of JSON; nothing is kept when no file is named. */
export function compatibilityRow(row: CompatibilityRow): void {
  const file = process.env["DKMS_ALPM_COMPATIBILITY"];
  if (file === undefined || file === "") return;
  appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** The row in a line of such a file; throws when it is none. */
export function readCompatibilityRow(line: string): CompatibilityRow {
  const row = JSON.parse(line) as Partial<CompatibilityRow> | null;
  const words = [row?.package, row?.version, row?.kernel, row?.dkms, row?.date];
  const { ours, reference, same } = row?.objects ?? {};
  const isRow =
    words.every((word) => typeof word === "string") &&
    [row?.ours, row?.reference].every((verdict) => verdict !== undefined && verdicts.includes(verdict)) &&
    [ours, reference].every((count) => Number.isInteger(count)) &&
    typeof same === "boolean";
  if (!isRow) throw new Error(`This is no row of a module: ${line}`);
  return row as CompatibilityRow;
}

/** The page: a table with the latest row of each package and kernel, what differs, and which of all packages have no row. */
export function compatibilityPage(rows: readonly CompatibilityRow[], all: readonly string[]): string {
  const latest = new Map(rows.map((row) => [`${row.package} ${row.kernel}`, row]));
  const sorted = [...latest.values()].toSorted(
    (left, right) =>
      left.package.localeCompare(right.package, "en") ||
      right.kernel.localeCompare(left.kernel, "en", { numeric: true }),
  );
  const differing = sorted.filter((row) => row.ours !== row.reference || !row.objects.same);
  const untried = all.filter((name) => !sorted.some((row) => row.package === name));
  const lines = sorted.map(({ package: name, version, kernel, ours, reference, objects, date }) => {
    const count = objects.same ? String(objects.ours) : `${objects.ours} and ${objects.reference}, not the same`;
    return `| ${[name, version, kernel, ours, reference, count, date].join(" | ")} |`;
  });
  const versions = [...new Set(sorted.map((row) => row.dkms))].join(", ");
  return [
    "# Modules that were built, by both programs",
    "",
    "Debian's module packages in their newest versions. dkms-alpm installs each by a transaction of pacman with the",
    `guard, in its sandbox; Debian's own dkms (${versions}) installs it in a second machine. The objects are the same when`,
    "they have the same paths and modinfo prints the same vermagic, dependencies, source version, version and aliases.",
    "A package is built for the newest kernel, and for the older one where dkms does not build it for the newest;",
    "NVIDIA's only for the older one.",
    "",
    "Written by `scripts/compatibility.ts` from what `test/e2e/newest/modules.long.test.ts` has seen.",
    "",
    "| package | version | kernel | dkms-alpm | dkms | objects | date |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
    differing.length === 0
      ? `${sorted.length} rows; the two programs agree in all of them.`
      : `${sorted.length} rows; the two programs differ in ${differing.length}:`,
    ...(differing.length === 0 ? [] : [""]),
    ...differing.map((row) => `- ${row.package} for ${row.kernel}`),
    "",
    untried.length === 0
      ? "All packages of the suite were tried."
      : "No row yet, since they were not tried or not finished:",
    ...(untried.length === 0 ? [] : ["", ...untried.map((name) => `- ${name}`)]),
    "",
  ].join("\n");
}
