/** What an upgrade brings and takes away, from the archives of its packages and the lists of installed files: what pacman would tell its hooks. */
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { satisfies } from "../../alpm/dependency.ts";
import type { PrivatePacman, Upgrade } from "../../model/check/upgrade.ts";
import type { Incoming } from "../../model/guard/guard.ts";
import { supplyKey } from "../../model/packaging/supply.ts";
import { architecture, kernelRelease, nameFault } from "../../model/names.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { readArchive, type ArchiveContent } from "../pacman/incoming/archive.ts";
import type { CallingPacman } from "../pacman/incoming/calling-pacman.ts";
import { readIncomingFrom } from "../pacman/incoming/incoming.ts";
import { packageFiles } from "../pacman/local-database.ts";

/** What changes on the machine. */
export interface Arriving {
  readonly incoming: Incoming;
  /** What no package of the machine has afterwards, each with the packages that bring it now. */
  readonly removal: {
    readonly kernels: ReadonlyMap<string, readonly string[]>;
    readonly directories: ReadonlyMap<string, readonly string[]>;
    /** Prebuilt modules, by `supplyKey`. */
    readonly supplies: ReadonlySet<string>;
  };
}

/** Where to look. */
export interface ArrivingQuestion {
  readonly pacman: PrivatePacman;
  readonly calling: CallingPacman;
  readonly upgrade: Upgrade;
  /** Archives by the names of their packages. */
  readonly archives: ReadonlyMap<string, string>;
  /** Packages whose release the headers of the same version tell. */
  readonly told: ReadonlySet<string>;
}

/** The targets of the hook of the test, see hooks/05-dkms-guard.hook. */
const targetPattern =
  /^usr\/(src\/.*\/dkms\.conf|lib\/modules\/.*\/(build\/include\/|modules\.order|vmlinuz|updates\/dkms-pkg\/.*\.json))$/;

/** Reads it; an archive that is not there is missing from what arrives. */
export async function readArriving(question: ArrivingQuestion, signal: AbortSignal): Promise<Arriving> {
  const { pacman, calling, upgrade, archives, told } = question;
  const contents: ArchiveContent[] = [];
  for (const path of archives.values()) {
    if (signal.aborted) break;
    const content = await readArchive(path, signal);
    if (content !== undefined) contents.push(content);
  }
  const files = contents.flatMap((content) => content.files.filter((file) => targetPattern.test(file)));
  // An archive that nobody has read, and whose headers tell what is in it.
  const untold = contents.flatMap(({ info, files: held }) =>
    told.has(info.name.replace(/-headers$/, "")) &&
    !contents.some((other) => `${other.info.name}-headers` === info.name)
      ? held.flatMap((file) => /^(usr\/lib\/modules\/[^/]+\/)build\/include\/$/.exec(file)?.[1] ?? [])
      : [],
  );
  const names = upgrade.packages.map(({ name }) => name);
  const targets = parseTargets([...files, ...untold.map((place) => `${place}vmlinuz`), ...names].join("\n"));
  const incoming = await readIncomingFrom(targets, contents, calling, signal);
  return { incoming, removal: removalOf(pacman, upgrade, contents, targets) };
}

function removalOf(
  pacman: PrivatePacman,
  { packages, installed }: Upgrade,
  contents: readonly ArchiveContent[],
  { parts, sourceDirectories, notes }: Targets,
): Arriving["removal"] {
  const replaced = [...installed].filter(([name, version]) =>
    contents.some(({ info }) =>
      info.replaces.some((wanted) => info.name !== name && satisfies({ name, version, provides: [] }, wanted)),
    ),
  );
  const changed = new Set([...packages.map(({ name }) => name), ...replaced.map(([name]) => name)]);
  const kernels = new Map<string, string[]>();
  const directories = new Map<string, string[]>();
  const supplies = new Set<string>();
  const arch = architecture(machineArchitecture());
  const add = (map: Map<string, string[]>, key: string | undefined, name: string): void => {
    if (key !== undefined) map.set(key, [...(map.get(key) ?? []), name]);
  };
  for (const [name, files] of packageFiles(pacman.database, changed)) {
    for (const file of files) {
      add(kernels, /^usr\/lib\/modules\/([^/]+)\/(?:vmlinuz|modules\.order)$/.exec(file)?.[1], name);
      add(directories, /^usr\/src\/([^/]+)\/dkms\.conf$/.exec(file)?.[1], name);
      const [, release, module] = /^usr\/lib\/modules\/([^/]+)\/updates\/dkms-pkg\/([^/]+)\.json$/.exec(file) ?? [];
      if (release === undefined || module === undefined || nameFault(release) !== undefined || notes.has(file))
        continue;
      supplies.add(supplyKey(module, { release: kernelRelease(release), arch }));
    }
  }
  const stays = (release: string): boolean => parts.vmlinuz.has(release) || parts["modules.order"].has(release);
  return {
    kernels: new Map([...kernels].filter(([release]) => !stays(release))),
    directories: new Map([...directories].filter(([directory]) => !sourceDirectories.has(directory))),
    supplies,
  };
}
