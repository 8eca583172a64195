/** What `pacman -Syu` would install now, asked of pacman itself with databases of our own. Nothing is locked or changed by that. */
import { DkmsError } from "../../model/errors.ts";
import type { PrivatePacman, Upgrade, UpgradePackage } from "../../model/check/upgrade.ts";
import { listEntries } from "../../system/files/files.ts";
import { run, type RunResult } from "../../system/process/processes.ts";

/** Which packages are asked about, and how long that may take. */
export interface Resolution {
  /** Only these, with what they need; all of them without it. */
  readonly packages: readonly string[] | undefined;
  /** Names that are left out beside those of pacman.conf. */
  readonly ignored: readonly string[];
  readonly signal: AbortSignal;
}

/** In front of each line that is ours: pacman prints others beside them. */
const mark = "dkms-check";

/**
 * Names with which pacman can upgrade everything else: those that are given, and what cannot be upgraded without them. Empty where pacman finds no such
 * upgrade.
 */
export async function resolvableIgnore(pacman: PrivatePacman, asked: Resolution): Promise<readonly string[]> {
  let ignored = asked.ignored;
  for (let round = 0; round < 10; round += 1) {
    const { status, stdout, stderr } = await ask(pacman, { ...asked, ignored });
    if (status === 0) return ignored;
    const more = dependents(`${stdout}\n${stderr}`).filter((name) => !ignored.includes(name));
    if (more.length === 0) return [];
    ignored = [...new Set([...ignored, ...more])].toSorted();
  }
  return [];
}

/** Packages whose upgrade pacman names as the trouble, as it words that in the C locale. */
function dependents(said: string): readonly string[] {
  const breaking = /^:: (?:installing|removing) (\S+)(?: \([^)]*\))? breaks dependency /gm;
  const lacking =
    /^(?:warning: |:: )?(?:cannot resolve "[^"]*", a dependency of "|unable to satisfy dependency '[^']*' required by )([^\s"']+)/gm;
  return [...said.matchAll(breaking), ...said.matchAll(lacking)].map(([, name = ""]) => name);
}

/** Resolves it; throws `file-failed` with pacman's own words where pacman cannot. */
export async function resolveUpgrade(pacman: PrivatePacman, asked: Resolution): Promise<Upgrade> {
  const { packages } = asked;
  const { status, stdout, stderr } = await ask(pacman, asked);
  if (status !== 0) {
    throw new DkmsError("file-failed", `pacman cannot resolve the upgrade: ${pacmanError(stderr)}.`, {
      hint: `See: pacman -Sy${packages === undefined ? "u" : ` ${packages.join(" ")}`}`,
    });
  }
  return { packages: stdout.split("\n").flatMap(packageOf), installed: installedVersions(pacman.database) };
}

function ask(pacman: PrivatePacman, { packages, ignored, signal }: Resolution): Promise<RunResult> {
  const targets = packages === undefined ? ["-u"] : ["--needed", "--", ...packages];
  const format = ["--print", "--print-format", `${mark} %r %n %v %s %l`, "--noconfirm"];
  const left = ignored.length === 0 ? [] : [`--ignore=${ignored.join(",")}`];
  return run(["pacman", "-S", ...pacman.options, ...left, ...format, ...targets], {
    environment: { LC_ALL: "C.UTF-8" },
    signal,
    timeoutSeconds: 120,
  });
}

/** The first error of pacman that says more than that it has failed, without its mark; else the last one. */
export function pacmanError(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => line.startsWith("error: ")).map((line) => line.slice("error: ".length));
  const telling = errors.find((line) => !/^failed to (synchronize|prepare|commit) /.test(line));
  return (telling ?? errors.at(-1) ?? lines.at(-1) ?? "it gives no reason").trim().replace(/\.$/, "");
}

function packageOf(line: string): readonly UpgradePackage[] {
  const [first, repository = "", name = "", version = "", size = "", ...place] = line.split(" ");
  if (first !== mark || place.length === 0) return [];
  const address = place.join(" ");
  return [{ repository, name, version, size: Number(size), file: fileName(address) }];
}

/** The name of the archive at an address; a server's address may have characters escaped. */
function fileName(address: string): string {
  const name = address.slice(address.lastIndexOf("/") + 1);
  if (address.startsWith("file://")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** `NAME-VERSION-RELEASE` is the name of each directory in the local database. */
function installedVersions(database: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, kind } of listEntries(`${database}/local`)) {
    const [, packageName, version] = /^(.+)-([^-]+-[^-]+)$/.exec(name) ?? [];
    if (kind === "directory" && packageName !== undefined && version !== undefined) found.set(packageName, version);
  }
  return found;
}
