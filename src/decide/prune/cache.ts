/** Judges what is below the cache: results that take more space than they may, and what killed runs have left. */
import { resultsBeyond } from "../../model/health/cached-results.ts";
import type { Leftovers, Deletion } from "../../model/health/leftovers.ts";

/** Everything of that kind that goes. */
export function needlessCache({
  results,
  cacheLimit,
  unfinishedResults,
  workDirectories,
}: Leftovers): readonly Deletion[] {
  const why =
    cacheLimit === 0
      ? "Cache = no in the settings: no results are kept"
      : `it was used the longest ago, and kept results may take ${sizeText(cacheLimit)} (Cache in the settings)`;
  return [
    ...resultsBeyond(results, cacheLimit).map(({ path }): Deletion => ({ kind: "cached", path, reason: why })),
    ...unfinishedResults.map((path): Deletion => ({
      kind: "cached",
      path,
      reason: "a run that was killed has left it",
    })),
    ...workDirectories.map((path): Deletion => ({
      kind: "cached",
      path,
      reason: "a test before a transaction that was killed has left it",
    })),
  ];
}

function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}
