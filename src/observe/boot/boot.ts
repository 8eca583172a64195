/** Reads what the next boot will find: for each kernel its installed objects, and what the boot loader will start. */
import type { BootEntry, ImageState, ObjectFacts, ObservedKernel, StartFacts } from "../../model/boot/facts.ts";
import type { LoadPolicy } from "../../model/health/health.ts";
import { grouped } from "../../model/grouped.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { wantedObjects, type Kernel, type PairState, type World } from "../../model/machine/world.ts";
import { kernelText, pairKey, type Pair } from "../../model/pair.ts";
import type { Supply } from "../../model/packaging/supply.ts";
import { readBytes } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import type { ObserveContext } from "../context.ts";
import { kernelConfigPath, readKernelConfig } from "../kernel/kernel-config.ts";
import { readLoadPolicy } from "../kernel/load-policy.ts";
import { findStart, type FoundEntry } from "./entries.ts";
import { readFromImage, readImageFile } from "./image-file.ts";
import { readUnmounted } from "./mounts.ts";
import { ObjectReader, plainBytes } from "./object-file.ts";
import { readModuleIndex, readPairObjects, readSupplyObjects, type ObjectQuestion } from "./objects.ts";
import { objectKey } from "../../model/kernel-object.ts";

/** What to read. */
export interface BootReading {
  readonly world: World;
  /** The kernels that are asked about. */
  readonly kernels: readonly Kernel[];
  /** Images are read, and not only looked for: where a module has to be in them. */
  readonly images: boolean;
  /** For machines other than this one. */
  readonly policy?: LoadPolicy;
}

/** Reads it; changes nothing, and remembers what objects say of themselves. */
export async function readBoot(context: ObserveContext, reading: BootReading): Promise<readonly ObservedKernel[]> {
  const unmounted = readUnmounted();
  const found: ObservedKernel[] = [];
  for (const observed of await readInstalledModules(context, reading)) {
    const { kernel, pkgbase, objects } = observed;
    const start = findStart({ pkgbase, release: kernel.release, unmounted });
    if (start.kind === "unknown") found.push({ ...observed, start });
    else {
      const known = await withImages(start.entries, [...objects.values()].flat(), reading);
      found.push({ ...observed, start: known });
    }
  }
  return found;
}

/** Reads the modules alone: before a transaction, nobody knows what the boot loader will find after it. */
export async function readInstalledModules(
  context: ObserveContext,
  { world, kernels, policy = readLoadPolicy() }: Omit<BootReading, "images">,
): Promise<readonly ObservedKernel[]> {
  const reader = new ObjectReader(context.layout);
  const kernelOf = ({ pair }: { readonly pair: Pair }): string => kernelText(pair.kernel);
  const supplies = grouped(world.supplies.values(), kernelOf);
  const states = world.modules.flatMap(({ pairs }) => pairs).filter(({ state }) => state === "installed");
  const installed = grouped(states, kernelOf);
  const found: ObservedKernel[] = [];
  for (const kernel of kernels) {
    const at = kernelText(kernel);
    const there = { supplies: supplies.get(at) ?? [], installed: installed.get(at) ?? [] };
    const index = readModuleIndex(kernelDirectory(context.layout, kernel.release));
    const config = kernel.headers === undefined ? undefined : readKernelConfig(kernelConfigPath(kernel.headers));
    const question: ObjectQuestion = { context, kernel, reader, index, policy, config };
    const { release, arch, pkgbase } = kernel;
    found.push({
      kernel: { release, arch },
      pkgbase,
      objects: await readObjects(question, world, there),
      indexed: index.names,
      additions: index.additions,
      builtIn: index.builtIn,
      start: { kind: "unknown", why: "what the boot loader starts was not looked at" },
    });
  }
  reader.save();
  return found;
}

async function readObjects(
  question: ObjectQuestion,
  world: World,
  { supplies, installed }: { readonly supplies: readonly Supply[]; readonly installed: readonly PairState[] },
): Promise<ReadonlyMap<string, readonly ObjectFacts[]>> {
  const found = new Map<string, readonly ObjectFacts[]>();
  for (const supply of supplies) found.set(supply.pair.module.name, await readSupplyObjects(question, supply));
  for (const state of installed) {
    const conf = world.confs.get(pairKey(state.pair));
    const wanted = conf?.kind === "valid" ? wantedObjects(conf) : undefined;
    found.set(state.pair.module.name, await readPairObjects(question, state, wanted));
  }
  return found;
}

async function withImages(
  [first, ...others]: readonly [FoundEntry, ...FoundEntry[]],
  objects: readonly ObjectFacts[],
  { images }: { readonly images: boolean },
): Promise<StartFacts> {
  const states = new Map<string, ImageState>();
  const read = async ({ image: path, ...entry }: FoundEntry): Promise<BootEntry> => {
    if (path === undefined) return { ...entry, image: undefined };
    const state =
      states.get(path) ??
      // Below an empty mount point lies nothing that boots.
      (images && entry.unmounted === undefined ? await readImage(path, objects) : lookAt(path));
    states.set(path, state);
    return { ...entry, image: { path, state } };
  };
  const entries: [BootEntry, ...BootEntry[]] = [await read(first)];
  for (const entry of others) entries.push(await read(entry));
  return { kind: "known", entries };
}

/** Where an object was put in place after the image was written, their bytes decide: it may have been put back as it was. */
async function readImage(path: string, objects: readonly ObjectFacts[]): Promise<ImageState> {
  const state = await readImageFile(path);
  if (state.kind !== "listed") return state;
  const [same, uncompared] = [new Set<string>(), new Set<string>()];
  for (const { name, path: file, placedAt } of objects) {
    const inside = state.members.get(objectKey(name));
    if (inside === undefined || placedAt === undefined || placedAt <= state.writtenAt) continue;
    const theirs = await readFromImage(path, inside);
    // Generators may take objects as they are, or decompress them.
    const ours = [readBytes(file), await plainBytes(file)];
    if (theirs !== undefined && ours.some((bytes) => bytes?.equals(theirs) === true)) same.add(objectKey(name));
    else if (theirs === undefined || ours.includes(undefined)) uncompared.add(objectKey(name));
  }
  const { kind, writtenAt, objects: inside, releases } = state;
  return { kind, writtenAt, objects: inside, releases, same, uncompared };
}

function lookAt(path: string): ImageState {
  return targetKind(path) === "none"
    ? { kind: "absent" }
    : { kind: "unread", why: `${path} is there and was not read` };
}
