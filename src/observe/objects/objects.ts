/** Compares what a pair has built with what is installed: what `dkms status` adds to its lines. */
import { join } from "node:path";
import type { LocationScheme } from "../../model/settings/install-location.ts";
import { possibleLocations } from "../../model/settings/install-location.ts";
import { parseObjectFileName, type WantedObject } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import type { PlacedObject } from "../../model/machine/placed-object.ts";
import type { PairState } from "../../model/machine/world.ts";
import { sameContent } from "../../system/files/content.ts";
import { compressionSuffix } from "../kernel/compression.ts";
import { searchKernel } from "../kernel/kernel-search.ts";
import { readModuleInfo } from "./module-info.ts";
import { builtObjects, objectFile } from "./object-files.ts";
import { KeptOriginals } from "../tree/original-modules.ts";
import { isUntouched } from "./placed-objects.ts";

/** What is to be said of a pair. */
export interface Inspection {
  readonly originals: "kept" | "none";
  /** The first object with which something is wrong. */
  readonly fault: ObjectFault | undefined;
}

/** `missing`: not in the result directory. `differs`: the installed file is another one, or is not there. */
interface ObjectFault {
  readonly kind: "missing" | "differs";
  readonly name: string;
}

/** What to inspect. */
export interface InspectionOrder {
  readonly layout: Layout;
  readonly state: PairState;
  readonly scheme: LocationScheme;
  /** The objects that the conf wants for this kernel; undefined when nobody knows (its source was removed): then those that were built. */
  readonly objects: readonly WantedObject[] | undefined;
  /** What the pair's stamp tells of its installed objects. */
  readonly placed?: readonly PlacedObject[];
  /** Shared by those who inspect many pairs. */
  readonly originals?: KeptOriginals;
}

/** Inspects a pair. Objects that have been touched since they were installed are compared by their bytes; modinfo is asked, and the kernel's directory walked, only where that leaves a doubt. */
export async function inspectPair(order: InspectionOrder): Promise<Inspection> {
  const { layout, state } = order;
  const originals = (order.originals ?? new KeptOriginals(layout)).of(state.pair);
  for (const object of order.objects ?? builtNames(state)) {
    const kind = await inspectObject(order, object);
    if (kind !== undefined) return { originals, fault: { kind, name: object.destName } };
  }
  return { originals, fault: undefined };
}

function builtNames(state: PairState): readonly WantedObject[] {
  return state.objects.flatMap((fileName) => {
    const name = parseObjectFileName(fileName)?.name;
    return name === undefined ? [] : [{ destName: name }];
  });
}

async function inspectObject(order: InspectionOrder, object: WantedObject): Promise<ObjectFault["kind"] | undefined> {
  const { layout, state, scheme, placed } = order;
  if (state.state === "installed") {
    const known = placed?.find(({ built }) => parseObjectFileName(built)?.name === object.destName);
    if (known !== undefined && isUntouched(layout, state.pair, known)) return undefined;
  }
  const directory = kernelDirectory(layout, state.pair.kernel.release);
  const result = builtObjects(layout, state.pair);
  // A plain object never needs to know how the kernel's modules are compressed.
  const built =
    objectFile(result, object.destName, "") ?? objectFile(result, object.destName, compressionSuffix(directory));
  if (built === undefined) return "missing";
  if (state.state === "built" || state.refused?.includes(object.destName) === true) return undefined;
  const locations = possibleLocations(scheme, object);
  if (locations.length === 0) {
    const found = searchKernel(directory).find(object.destName);
    return found.some((path) => sameContent(join(directory, path), built)) ? undefined : "differs";
  }
  const candidates = locations
    .map((location) => objectFile(join(directory, location), object.destName, compressionSuffix(directory)))
    .filter((file) => file !== undefined);
  const installed = await installedOne(candidates, built);
  return installed !== undefined && sameContent(installed, built) ? undefined : "differs";
}

/** The first candidate that has the version of the built object; which is never in doubt for one with its bytes, and does not matter for the last. */
async function installedOne(candidates: readonly string[], built: string): Promise<string | undefined> {
  for (const [index, candidate] of candidates.entries()) {
    if (index === candidates.length - 1 || sameContent(candidate, built)) return candidate;
    const [installed, wanted] = await Promise.all([readModuleInfo(candidate), readModuleInfo(built)]);
    if (installed?.version === wanted?.version) return candidate;
  }
  return undefined;
}
