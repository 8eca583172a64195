/** Compares built pairs with what they were built from, and spares the confs of those for which there is nothing to do. */
import { DkmsError } from "../../model/errors.ts";
import { kernelText, pairKey, pairWords, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Conf, Freshness, Kernel, Module, PairState } from "../../model/machine/world.ts";
import { noteUnexpected } from "../../system/files/unexpected.ts";
import { ConfFiles } from "../conf/conf-files.ts";
import type { ObserveContext } from "../context.ts";
import { findDamage } from "../objects/damage.ts";
import { InputReader, type InputDigests } from "./inputs.ts";
import { RememberedConfs } from "./remembered-confs.ts";
import { ownModuleChange, refusedNames, yieldedTo } from "./own-modules.ts";
import { begun, freshness, readStamp, type Stamp } from "./stamp.ts";
import { readBuiltWith } from "../tree/tree.ts";

/** What is to be judged. */
export interface Judgement {
  readonly modules: readonly Module[];
  /** Kernels by `kernelText`. */
  readonly kernels: ReadonlyMap<string, Kernel>;
  /** The pairs that the request may concern; others stay unjudged. */
  readonly interesting: readonly Pair[];
  /** The module that the request names. Of the others it only matters which are to be built again because of it. */
  readonly subject: ModuleId | undefined;
}

/** The modules with the freshness of their pairs, and what is known of confs without evaluating them. */
export interface JudgedPairs {
  readonly modules: readonly Module[];
  /**
   * Confs by `pairKey`, of pairs that are not built again when a dependency changes and have no work of their own: they belong to other modules than
   * the one that is named, or are installed and match their inputs. It is enough to know what their confs said when they were built.
   */
  readonly confs: ReadonlyMap<string, Conf>;
  /** The files of confs as they were. */
  readonly files: ConfFiles;
}

/** Judges pairs by their stamps. */
export function judgePairs(context: ObserveContext, judgement: Judgement): JudgedPairs {
  const { modules, kernels, interesting, subject } = judgement;
  const inputs = new InputReader();
  const files = new ConfFiles(context);
  const remembered = new RememberedConfs(context, files);
  const keys = new Set(interesting.map(pairKey));
  const confs = new Map<string, Conf>();
  const spare = (stamp: Stamp | undefined, { source }: Module, { pair }: PairState): "spared" | "open" => {
    const conf = stamp === undefined ? undefined : remembered.find(stamp, pair, source);
    if (conf?.directives.rebuild !== "no") return "open";
    confs.set(pairKey(pair), conf);
    return "spared";
  };
  // Of other modules it was left out when the tree was read: it matters only where a conf says that they are to be built again.
  const withBuiltWith = (state: PairState): PairState => ({
    ...state,
    builtWith: readBuiltWith(context.layout, state.pair),
  });
  const isOther = ({ id }: Module): boolean => subject !== undefined && !sameModule(id, subject);
  const withPlace = (state: PairState, stamp: Stamp | undefined): PairState => {
    if (kernels.get(kernelText(state.pair.kernel))?.modules !== "present") return state;
    if (state.state !== "installed") return { ...state, yieldsTo: stamp && yieldedTo(stamp) };
    const placed = stamp?.placed;
    const damage = findDamage(context, state, placed) ?? (stamp && ownModuleChange(stamp));
    return { ...state, placed, refused: stamp && refusedNames(stamp), damage };
  };
  const judge = (module: Module, state: PairState): PairState => {
    const { pair } = state;
    const headers = kernels.get(kernelText(pair.kernel))?.headers;
    if (!keys.has(pairKey(pair))) return state;
    // Without headers nothing can be compared or built: what was built with our stamp counts as it is.
    const stamp = readStamp(context.layout, pair);
    if (headers === undefined) {
      const judged = stamp === undefined ? state : { ...state, freshness: "current" as const };
      return isOther(module) ? withBuiltWith(judged) : withPlace(judged, stamp);
    }
    if (isOther(module)) return spare(stamp, module, state) === "spared" ? state : withBuiltWith(state);
    const judged = compared(pair, stamp, () =>
      inputs.digests({ source: module.source, headers, overrides: files.laidOver(pair), beyond: stamp?.beyond ?? [] }),
    );
    if (subject === undefined && judged === "current" && state.state === "installed") spare(stamp, module, state);
    return withPlace({ ...state, freshness: judged }, stamp);
  };
  return {
    modules: modules.map((module) => ({ ...module, pairs: module.pairs.map((state) => judge(module, state)) })),
    confs,
    files,
  };
}

/** How a pair fits its inputs. Where these cannot be read (a directory of another user's, a bad disk), what was built counts as it is, and that is noted. */
function compared(pair: Pair, stamp: Stamp | undefined, digests: () => InputDigests): Freshness {
  try {
    return freshness(stamp, digests());
  } catch (error) {
    if (!(error instanceof DkmsError) || error.code !== "file-failed") throw error;
    noteUnexpected(`Whether ${pairWords(pair)} is up to date is not known: ${error.message}`);
    return stamp === undefined || stamp.content === begun ? "unknown" : "current";
  }
}
