/** Newer versions of packages that repositories have. */
import { vercmp } from "../../alpm/vercmp.ts";
import type { NewerPackage } from "../../model/check/check.ts";
import type { PrivatePacman } from "../../model/check/upgrade.ts";
import { run } from "../../system/process/processes.ts";

/** For each package, the versions of all repositories that are newer than the one given. */
export async function readNewer(
  { options }: PrivatePacman,
  versions: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly NewerPackage[]> {
  if (versions.size === 0) return [];
  const { stdout } = await run(["pacman", "-Si", ...options, "--", ...versions.keys()], {
    environment: { LC_ALL: "C" },
    signal,
    timeoutSeconds: 60,
  });
  return stdout.split(/\n\n+/).flatMap((block) => {
    const value = (key: string): string => new RegExp(`^${key} *: (.*)$`, "m").exec(block)?.[1]?.trim() ?? "";
    const [repository, name, version] = [value("Repository"), value("Name"), value("Version")];
    const present = versions.get(name);
    return present !== undefined && vercmp(version, present) > 0 ? [{ name, version, repository }] : [];
  });
}
