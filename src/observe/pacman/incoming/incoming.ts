/** Finds out what a transaction brings, from its targets and the archives that hold what they announce. */
import type { Targets } from "../../../alpm/targets.ts";
import type { Incoming, IncomingPackage } from "../../../model/guard/guard.ts";
import { fileFacts } from "../../../system/files/files.ts";
import { run } from "../../../system/process/processes.ts";
import { holds, readArchive, type ArchiveContent } from "./archive.ts";
import type { CallingPacman } from "./calling-pacman.ts";
import { findCandidates, type Candidate } from "./candidates.ts";
import { toolchainPackages } from "./toolchain.ts";

/** Archives that are looked into although their names promise nothing: an archive takes up to a second. */
const mostGuesses = 24;

/** Reads what is coming; archives that cannot be found are named, never an error. */
export async function readIncoming(
  targets: Targets,
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<Incoming> {
  const candidates = await findCandidates(pacman, signal);
  const { found, missing } = await findArchives(wantedPaths(targets), candidates, signal);
  const tools = found.length === 0 ? [] : await findToolchain(targets, candidates, signal);
  return incomingOf(targets, { found: [...found, ...tools], missing }, pacman, signal);
}

/** The same from archives that are known to be those of the transaction. */
export async function readIncomingFrom(
  targets: Targets,
  archives: readonly ArchiveContent[],
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<Incoming> {
  const wanted = wantedPaths(targets);
  const tools = new Set(toolchainOf(targets));
  const found = archives.filter(
    (content) => tools.has(content.info.name) || wanted.some((path) => holds(content, path)),
  );
  const missing = wanted.filter((path) => !found.some((content) => holds(content, path)));
  return incomingOf(targets, { found, missing }, pacman, signal);
}

/** The paths whose archives have to be looked at. */
function wantedPaths({ parts, sourceDirectories, notes }: Targets): readonly string[] {
  const headers = parts.build;
  return [
    ...[...headers].map((release) => `usr/lib/modules/${release}/build/`),
    ...[...sourceDirectories].map((directory) => `usr/src/${directory}/dkms.conf`),
    // The headers' package tells which package their kernel belongs to; a kernel without them has to tell itself.
    ...[...kernelsOf(parts)]
      .filter((release) => !headers.has(release))
      .map((release) => `usr/lib/modules/${release}/${parts.vmlinuz.has(release) ? "vmlinuz" : "modules.order"}`),
    ...notes,
  ];
}

function kernelsOf(parts: Targets["parts"]): ReadonlySet<string> {
  return new Set([...parts.vmlinuz, ...parts["modules.order"], ...parts.pkgbase]);
}

async function incomingOf(
  targets: Targets,
  { found, missing }: Search,
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<Incoming> {
  const { parts, sourceDirectories, notes } = targets;
  const packages = await Promise.all(
    found.map(async (content) => describe(content, await ownedFiles(content.info.name, pacman, signal))),
  );
  return {
    packages,
    // What is thought to be missing is built: a package that would have supplied it is no loss to the test.
    missing: missing.filter((path) => !notes.has(path)),
    kernelPackages: new Map(packages.flatMap(kernelPackages)),
    kernels: kernelsOf(parts),
    headers: parts.build,
    sourceDirectories,
    toolchain: toolchainOf(targets).filter((name) => !packages.some((one) => one.name === name)),
  };
}

interface Search {
  readonly found: readonly ArchiveContent[];
  readonly missing: readonly string[];
}

async function findArchives(
  wanted: readonly string[],
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<Search> {
  const missing = new Set(wanted);
  const found: ArchiveContent[] = [];
  const promising = candidates.filter(
    ({ name }) => name === undefined || wanted.some((wantedPath) => promises(name, wantedPath)),
  );
  const others = candidates.filter((candidate) => candidate.origin !== "cache" && !promising.includes(candidate));
  for (const { path, name, origin } of [...promising, ...others.slice(0, mostGuesses)]) {
    if (missing.size === 0 || signal.aborted) break;
    const content = await readArchive(path, signal);
    if (content === undefined || (origin !== "given" && content.info.name !== name)) continue;
    const held = [...missing].filter((wantedPath) => holds(content, wantedPath));
    if (held.length === 0) continue;
    for (const wantedPath of held) missing.delete(wantedPath);
    found.push(content);
  }
  return { found, missing: [...missing] };
}

/** Packages of the transaction that a build runs. */
function toolchainOf({ packages }: Targets): readonly string[] {
  return [...packages].filter((name) => toolchainPackages.has(name)).toSorted();
}

/** Their archives, as far as pacman itself names them: in a cache nobody knows which version is meant. */
async function findToolchain(
  targets: Targets,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly ArchiveContent[]> {
  const names = new Set(toolchainOf(targets));
  const found: ArchiveContent[] = [];
  for (const { path, name, origin } of candidates) {
    if (origin === "cache" || signal.aborted || (name !== undefined && !names.has(name))) continue;
    const content = await readArchive(path, signal);
    if (content !== undefined && names.has(content.info.name)) found.push(content);
  }
  return found;
}

/** Whether a package of this name may well hold a path. */
function promises(name: string, path: string): boolean {
  if (path.endsWith(".json")) return name.includes("-dkms-modules-");
  const [, directory] = /^usr\/src\/([^/]+)\//.exec(path) ?? [];
  if (directory !== undefined) return name.includes("dkms") || directory.startsWith(`${name}-`);
  if (path.endsWith("/build/")) return name.endsWith("-headers");
  return name.startsWith("linux") && !/-(headers|docs|firmware.*|api-headers)$/.test(name);
}

/** `before`: the files of the version that is installed. */
function describe({ info, files, path }: ArchiveContent, before: readonly string[]): IncomingPackage {
  const names = (pattern: RegExp): readonly string[] => namesIn(files, pattern);
  const sourceDirectories = names(sourcePattern);
  const headers = names(headersPattern);
  const declared = Number(info.values("size").at(-1) ?? 0);
  return {
    name: info.name,
    version: info.version,
    archive: path,
    // Some packages say 0; text and headers shrink to a sixth at most.
    size: Math.max(declared, 6 * (fileFacts(path)?.size ?? 0)),
    headers,
    // Arch Linux ARM's kernel lies in /boot only.
    kernels: names(/^usr\/lib\/modules\/([^/]+)\/(?:vmlinuz|modules\.order)$/),
    sourceDirectories,
    supplies: names(/^usr\/lib\/modules\/([^/]+)\/updates\/dkms-pkg\/[^/]+\.json$/),
    isToolchain: toolchainPackages.has(info.name),
    leavingDirectories: namesIn(before, sourcePattern).filter((directory) => !sourceDirectories.includes(directory)),
    leavingHeaders: namesIn(before, headersPattern).filter((release) => !headers.includes(release)),
  };
}

const sourcePattern = /^\/?usr\/src\/([^/]+)\/dkms\.conf$/;
const headersPattern = /^\/?usr\/lib\/modules\/([^/]+)\/build\/./;

/** What a pattern finds in a list of files, each once. */
function namesIn(files: readonly string[], pattern: RegExp): readonly string[] {
  return [...new Set(files.flatMap((file) => pattern.exec(file)?.[1] ?? []))];
}

/** Source directories of modules that the installed version of a package owns. */
export async function ownedSources(
  packageName: string,
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return namesIn(await ownedFiles(packageName, pacman, signal), sourcePattern);
}

async function ownedFiles(
  packageName: string,
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const database = pacman?.command.database ?? [];
  const query = ["pacman", "-Qlq", ...database, "--", packageName] as const;
  const { status, stdout } = await run(query, { signal, timeoutSeconds: 20 });
  return status === 0 ? stdout.split("\n") : [];
}

/** On Arch the headers of `linux` are the package `linux-headers`, and the kernel's pkgbase is the name of its package. */
function kernelPackages({ name, headers, kernels }: IncomingPackage): readonly (readonly [string, string])[] {
  const base = name.replace(/-headers$/, "");
  return [...headers.map((release) => [release, base] as const), ...kernels.map((release) => [release, name] as const)];
}
