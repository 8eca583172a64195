/** Supplies: modules that a package of pacman's brings to a kernel ready-made, as `dkms mkpkg` makes such packages. */
import { kernelDirectory, type Layout } from "../machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion, nameFault } from "../names.ts";
import { kernelText, moduleText, type KernelId, type ModuleId, type Pair } from "../pair.ts";
import { DkmsError } from "../errors.ts";

/** Where packages put objects, below a kernel's directory: depmod prefers it to the kernel's own, and nothing that dkms installs is in the way. */
const supplyLocation = "updates/dkms-pkg";

/** One module that a package brings to one kernel. */
export interface Supply {
  /** The name of the package. */
  readonly package: string;
  readonly pair: Pair;
  /** File names of the objects. */
  readonly objects: readonly string[];
}

/** What the package tells of it, in a file beside the objects. */
export interface SupplyNote extends Supply {
  /** How the compiler calls itself in the objects; empty when they do not tell. */
  readonly compiler: string;
  /** Where the source was, which package brought it, and a digest of its files. */
  readonly source: { readonly path: string; readonly package: string; readonly sha256: string };
  /** Digests of the objects, by file name. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** `<install_tree>/K/updates/dkms-pkg` */
export const supplyDirectory = (layout: Layout, release: string): string =>
  `${kernelDirectory(layout, release)}/${supplyLocation}`;

/** The name of the note of a module: one for all its versions, so that two packages cannot bring two of them. */
export const noteName = (module: string): string => `${module}.json`;

/** The key of a supply: only one version of a module can be loaded. */
export const supplyKey = (name: string, kernel: KernelId): string => `${name}/${kernelText(kernel)}`;

/** The text of a note: one JSON document. */
export function noteText(note: SupplyNote): string {
  const { module, kernel } = note.pair;
  const document = {
    format: 1,
    package: note.package,
    module: module.name,
    version: module.version,
    kernel: kernel.release,
    arch: kernel.arch,
    objects: note.objects,
    sha256: note.sha256,
    compiler: note.compiler,
    source: note.source,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A supply with the digests that its objects must have, by file name. */
export type ClaimedSupply = Supply & Pick<SupplyNote, "sha256">;

/** Reads as much of a note as decides anything; undefined for what is none: one without objects, or without a digest for each. */
export function parseNote(text: string): ClaimedSupply | undefined {
  const found = parseJson(text);
  if (typeof found !== "object" || found === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(found));
  const [name, module, version, release, arch] = ["package", "module", "version", "kernel", "arch"].map((key) => {
    const value = fields.get(key);
    return typeof value === "string" ? value : "";
  });
  const objects = fields.get("objects");
  if (fields.get("format") !== 1 || !Array.isArray(objects) || name === undefined || name === "") return undefined;
  try {
    const pair: Pair = {
      module: { name: moduleName(module ?? ""), version: moduleVersion(version ?? "") },
      kernel: { release: kernelRelease(release ?? ""), arch: architecture(arch ?? "") },
    };
    const names = objects.map(String);
    const sha256 = digestsOf(fields.get("sha256"), names);
    const isSound = names.length > 0 && names.every((object) => nameFault(object) === undefined);
    return isSound && sha256 !== undefined ? { package: name, pair, objects: names, sha256 } : undefined;
  } catch (error) {
    if (error instanceof DkmsError) return undefined;
    throw error;
  }
}

function digestsOf(found: unknown, names: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (typeof found !== "object" || found === null) return undefined;
  const digests = new Map<string, unknown>(Object.entries(found));
  const known = names.flatMap((name): [string, string][] => {
    const digest = digests.get(name);
    return typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) ? [[name, digest]] : [];
  });
  return known.length === names.length ? Object.fromEntries(known) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `package zfs-dkms-modules-linux supplies zfs/2.2.2` */
export function supplyWords(supply: {
  readonly package: string;
  readonly pair: { readonly module: ModuleId };
}): string {
  return `package ${supply.package} supplies ${moduleText(supply.pair.module)}`;
}
