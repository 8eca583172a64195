/** Reads the installed objects of a kernel's modules as the next boot will find them. */
import { basename, join } from "node:path";
import type { ObjectFacts } from "../../model/boot/facts.ts";
import { signatureDemand, type LoadPolicy } from "../../model/health/health.ts";
import { parseObjectFileName, type WantedObject, objectKey } from "../../model/kernel-object.ts";
import type { KernelConfig } from "../../model/kernel/kernel-build-facts.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import type { Kernel, PairState } from "../../model/machine/world.ts";
import { supplyDirectory, type Supply } from "../../model/packaging/supply.ts";
import { possibleLocations } from "../../model/settings/install-location.ts";
import { readBytes, readText, sameContent } from "../../system/files/content.ts";
import { listEntries, targetFacts, targetKind } from "../../system/files/files.ts";
import type { ObserveContext } from "../context.ts";
import { builtObjects, objectFiles } from "../objects/object-files.ts";
import { isUntouched } from "../objects/placed-objects.ts";
import { displacingFile } from "../objects/other-owner.ts";
import { refusedNames } from "../stamps/own-modules.ts";
import { readStamp } from "../stamps/stamp.ts";
import type { ObjectReader } from "./object-file.ts";

/** What is asked about a kernel's objects. */
export interface ObjectQuestion {
  readonly context: ObserveContext;
  readonly kernel: Kernel;
  readonly reader: ObjectReader;
  readonly index: ModuleIndex;
  readonly policy: LoadPolicy;
  /** The kernel's, where its headers are there. */
  readonly config: KernelConfig | undefined;
}

/**
 * The objects of an installed pair: those that its stamp says were placed, else those that were built. Those that gave way to the kernel's own modules are
 * none of its; in the place of one that gave way to another package's, that one is described.
 */
export async function readPairObjects(
  question: ObjectQuestion,
  state: PairState,
  wanted: readonly WantedObject[] | undefined,
): Promise<readonly ObjectFacts[]> {
  const { layout } = question.context;
  const stamp = state.placed === undefined ? readStamp(layout, state.pair) : undefined;
  const placed = state.placed ?? stamp?.placed ?? [];
  const refused = state.refused ?? (stamp === undefined ? [] : refusedNames(stamp));
  const built = state.objects.flatMap((file) => parseObjectFileName(file)?.name ?? []);
  const objects = wanted ?? built.map((destName): WantedObject => ({ destName }));
  const found: ObjectFacts[] = [];
  for (const object of objects) {
    if (refused.includes(object.destName)) continue;
    const known = placed.find((one) => parseObjectFileName(one.built)?.name === object.destName);
    if (known !== undefined && isUntouched(layout, state.pair, known)) {
      found.push(await describe(question, object.destName, known.path, "placed"));
      continue;
    }
    const result = objectFiles(builtObjects(layout, state.pair), object.destName)[0];
    const path = known?.path ?? installedPath(question, object, result);
    const bytes = compared(path, result);
    const theirs = bytes === "placed" ? undefined : displacingFile(question.context, state.pair, object);
    found.push(await describe(question, object.destName, theirs ?? path, theirs === undefined ? bytes : "placed"));
  }
  return found;
}

/** The objects that a package brings prebuilt; whether they are its own is pacman's to say. */
export async function readSupplyObjects(question: ObjectQuestion, supply: Supply): Promise<readonly ObjectFacts[]> {
  const directory = supplyDirectory(question.context.layout, supply.pair.kernel.release);
  const found: ObjectFacts[] = [];
  for (const file of supply.objects) {
    const name = parseObjectFileName(file)?.name ?? file;
    const path = join(directory, file);
    found.push(await describe(question, name, path, targetKind(path) === "none" ? "absent" : "unknown"));
  }
  return found;
}

/** A file at one of the object's places; where there are several, the one with the bytes that were built. */
function installedPath({ context, kernel }: ObjectQuestion, object: WantedObject, built: string | undefined): string {
  const directory = kernelDirectory(context.layout, kernel.release);
  const locations = possibleLocations(context.scheme, object);
  const files = locations.flatMap((location) => objectFiles(join(directory, location), object.destName));
  const own = built === undefined ? undefined : files.find((file) => sameContent(file, built));
  const expected = join(
    directory,
    locations[0] ?? "updates/dkms",
    built === undefined ? `${object.destName}.ko` : basename(built),
  );
  return own ?? files[0] ?? expected;
}

function compared(path: string, built: string | undefined): ObjectFacts["bytes"] {
  if (targetKind(path) !== "file") return "absent";
  if (built === undefined) return "unknown";
  return sameContent(path, built) ? "placed" : "altered";
}

async function describe(
  { context, kernel, reader, index, policy, config }: ObjectQuestion,
  name: string,
  path: string,
  bytes: ObjectFacts["bytes"],
): Promise<ObjectFacts> {
  const facts = bytes === "absent" ? undefined : targetFacts(path);
  const words = await reader.read(path);
  const directory = `${kernelDirectory(context.layout, kernel.release)}/`;
  return {
    name,
    path,
    bytes,
    ...words,
    indexed: path.startsWith(directory) ? index.has(path.slice(directory.length)) : undefined,
    // The kernel's configuration is only read where it matters.
    signatureDemand: words.signed === false ? signatureDemand(policy, config) : undefined,
    placedAt: facts?.changed,
  };
}

/** What depmod and the kernel's build say which modules there are. */
export interface ModuleIndex {
  /** Whether a path below the kernel's directory is in depmod's index. */
  has(path: string): boolean;
  /** Names of the kernel's own modules in it, with `_` for `-`. */
  readonly names: ReadonlySet<string>;
  /** Modules in it, and on disk, that lie outside of kernel/: their paths below the kernel's directory, by such names. */
  readonly additions: ReadonlyMap<string, string>;
  /** Names of modules that are built into the kernel. */
  readonly builtIn: ReadonlySet<string>;
}

/**
 * Reads modules.dep.bin, which kmod looks into (nothing loads modules by modules.dep, its form for people), and modules.builtin; what is not there
 * names nothing. In the binary index each entry is the text `PATH: DEPENDENCIES`, ended by a NUL.
 */
export function readModuleIndex(directory: string): ModuleIndex {
  const index = readBytes(join(directory, "modules.dep.bin"))?.toString("latin1") ?? "";
  // A kernel that is about to be installed has no index yet, and names its modules itself.
  const named = index === "" ? (readText(join(directory, "modules.order")) ?? "").split("\n") : [];
  const own = index.match(/kernel\/[^\0: ]+(?=:)/g) ?? named.filter((line) => line.startsWith("kernel/"));
  const builtIn = (readText(join(directory, "modules.builtin")) ?? "").split("\n").filter((line) => line !== "");
  return {
    has: (path) => index.includes(`${path}:`),
    names: new Set(own.flatMap(nameOf)),
    additions: readAdditions(directory, index),
    builtIn: new Set(builtIn.flatMap(nameOf)),
  };
}

/** What packages and people put into extra/, updates/ or any other folder. */
function readAdditions(directory: string, index: string): ReadonlyMap<string, string> {
  const folders = listEntries(directory)
    .map(({ name }) => name)
    .filter((name) => name !== "kernel" && index.includes(`${name}/`));
  const found = new Map<string, string>();
  for (const folder of folders) {
    // A number precedes each path, whose bytes may look like letters: only the folder's name says where a path begins.
    const path = new RegExp(`(?<![\\w.+-]/)${folder.replaceAll(/\W/g, "\\$&")}/[^\0: ]+(?=:)`, "g");
    for (const [file] of index.matchAll(path)) {
      if (targetKind(join(directory, file)) === "none") continue;
      for (const key of nameOf(file)) found.set(key, file);
    }
  }
  return found;
}

function nameOf(path: string): readonly string[] {
  const name = parseObjectFileName(basename(path))?.name;
  return name === undefined ? [] : [objectKey(name)];
}
