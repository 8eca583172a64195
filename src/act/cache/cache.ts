/** Keeps results of builds by what they were built from: a build whose key is known is a copy. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { resultsBeyond } from "../../model/health/cached-results.ts";
import { resultDirectory } from "../../model/machine/layout.ts";
import { kernelText, moduleText, pairWords, type ModuleId, type Pair } from "../../model/pair.ts";
import type { KernelChoice } from "../../model/run/request.ts";
import type { ResultOrigin } from "../../model/run/outcome.ts";
import { readCachedResults } from "../../observe/stamps/cached-results.ts";
import { copyDurably } from "../../system/writing/durable-files.ts";
import { copyExpendable, writeExpendable } from "../../system/writing/expendable-files.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeIfEmpty,
  removeTree,
  rename,
  setMode,
} from "../../system/writing/file-changes.ts";

import { listTree } from "../../system/files/files.ts";
import { syncTree } from "../../system/writing/sync-tree.ts";
import type { BuildEnvironment, BuildInput, StagedObject } from "../compile/input.ts";
import { forgetFailures, knownFailure, rememberFailure, type FailurePlace } from "./failures.ts";
import { isIntact, readManifest, writeManifest, type Manifest } from "./manifest.ts";
import { draftPrefix } from "./place.ts";
import { buildPair } from "../compile/compile.ts";
import { publish } from "../compile/publish.ts";
import { objectFaults, stagedObjects } from "../compile/results.ts";
import { clearBuildDirectory, keepLog } from "../compile/workspace.ts";
import { quietly } from "../../system/files/quietly.ts";

/** The cache as one build uses it. */
export interface ResultCache {
  readonly directory: string;
  /** Bytes that all entries together may take; 0: nothing is kept, nothing looked up. */
  readonly limit: number;
  /** Undefined: what is built is not kept. */
  readonly key: string | undefined;
  /** Further places to look for the result in, each with its key there; `isAdopted`: what is found becomes an entry of this cache. */
  readonly others: readonly { readonly directory: string; readonly key: string; readonly isAdopted: boolean }[];
  /** `no`: what is known is built again, and kept anew. */
  readonly lookUp: boolean;
  /** Asked after the build: whether what it was made from is what the key tells. Otherwise neither result nor failure is kept. */
  readonly isUnchanged: () => boolean;
  /** The failure that a check has found of this build, if any. */
  readonly checked?: FailurePlace;
  /** Where a failure of this build is remembered for others. */
  readonly remembers: readonly FailurePlace[];
}

type KeepingCache = ResultCache & { readonly key: string };

/** Takes a result from the cache, or builds it and keeps it there. Fails as `buildPair` does; trouble with the cache itself is never a failure. */
export async function buildThroughCache(
  input: BuildInput,
  environment: BuildEnvironment,
  cache: ResultCache,
): Promise<ResultOrigin> {
  const say = (text: string): void =>
    environment.tell({ kind: "note", level: "detail", text: `${pairWords(input.pair)}: ${text}` });
  if (cache.limit === 0) {
    await buildPair(input, environment);
    return "build";
  }
  if (cache.lookUp) {
    const origin = await recall(input, environment, cache);
    if (origin !== undefined) {
      say(`cache hit, entry ${shortKey(cache)}: nothing is compiled`);
      return origin;
    }
    const tested = cache.others.filter(({ isAdopted }) => isAdopted);
    for (const place of tested) {
      const known = knownFailure(place);
      if (known !== undefined) throw new DkmsError(known.code, known.message, { ...known.facts, isKnown: true });
    }
    const known = cache.checked === undefined ? undefined : knownFailure(cache.checked);
    if (known !== undefined) {
      for (const place of cache.remembers) rememberFailure(place, input.pair, known);
      throw known;
    }
  }
  if (cache.key === undefined) {
    await buildPair(input, environment);
    return "build";
  }
  const why = cache.lookUp ? "cache miss" : "cache not asked, as everything is to be built anew";
  say(`${why}: the result becomes entry ${shortKey(cache)}`);
  const keeping = { ...cache, key: cache.key };
  try {
    await buildAndKeep(input, environment, keeping);
  } catch (error) {
    if (error instanceof DkmsError && cache.remembers.length > 0 && cache.isUnchanged())
      for (const place of cache.remembers) rememberFailure(place, input.pair, error);
    throw error;
  }
  for (const { directory } of cache.remembers) forgetFailures(directory, input.pair);
  return "build";
}

/** Enough of a key to find the directory and to tell it from others. */
function shortKey({ key }: ResultCache): string {
  return (key ?? "").slice(0, 12);
}

/** Puts a known result in its place, finished as a new one would be. */
async function recall(
  input: BuildInput,
  environment: BuildEnvironment,
  cache: ResultCache,
): Promise<"cache" | "test-build" | undefined> {
  const own = cache.key === undefined ? undefined : join(cache.directory, cache.key);
  if (own !== undefined && (await recallFrom(own, input, environment))) return "cache";
  for (const { directory, key, isAdopted } of cache.others) {
    const entry = join(directory, key);
    if (!(await recallFrom(entry, input, environment))) continue;
    if (isAdopted && own !== undefined) {
      quietly(() => {
        makeDirectory(cache.directory);
        rename(entry, own);
      });
    }
    return isAdopted ? "test-build" : "cache";
  }
  return undefined;
}

async function recallFrom(entry: string, input: BuildInput, environment: BuildEnvironment): Promise<boolean> {
  const manifest = readManifest(entry);
  if (manifest === undefined) return false;
  const { layout } = environment;
  const result = resultDirectory(layout, input.pair);
  if (!input.objects.every(({ destName }) => `module/${destName}.ko` in manifest.files)) return false;
  const staged = makeTemporaryDirectory(`${dirname(result)}/.tmp_${basename(result)}_`);
  try {
    if (
      quietly(() => copies(entry, manifest, staged) && objectFaults(input, environment, staged).length === 0) !== true
    ) {
      quietly(() => removeTree(entry));
      return false;
    }
    await environment.finish(stagedObjects(input, staged));
    syncTree(staged);
    publish(staged, result).commit();
  } finally {
    removeTree(staged);
    removeIfEmpty(dirname(staged));
  }
  try {
    clearBuildDirectory(layout, input.pair);
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    environment.tell({ kind: "note", level: "warning", text: error.message });
  }
  quietly(() => {
    keepLog(layout, input.pair, `${result}/log/make.log`);
    // Its directory's time tells when an entry was used last.
    writeExpendable(join(entry, "used"), "");
  });
  return true;
}

/** Copies an entry; tells whether the copy is what was kept. Throws `file-failed` where a file of it is missing or cannot be read. */
function copies(entry: string, manifest: Manifest, staged: string): boolean {
  for (const path of ["log", "module"]) makeDirectory(`${staged}/${path}`);
  setMode(staged, 0o755);
  for (const [path, { mode }] of Object.entries(manifest.files)) {
    makeDirectory(dirname(join(staged, path)));
    copyDurably(join(entry, path), join(staged, path), mode);
  }
  return isIntact(staged, manifest);
}

async function buildAndKeep(input: BuildInput, environment: BuildEnvironment, cache: KeepingCache): Promise<void> {
  const draft = quietly(() => makeTemporaryDirectory(join(cache.directory, draftPrefix)));
  let isCopied = false;
  const finish = async (objects: readonly StagedObject[]): Promise<unknown> => {
    const [first] = objects;
    // Everything is imported by now, and nothing signed or compressed.
    if (draft !== undefined && first !== undefined) {
      isCopied = quietly(() => copyFiles(dirname(dirname(first.file)), draft)) ?? false;
    }
    return environment.finish(objects);
  };
  try {
    await buildPair(input, { ...environment, finish });
    if (draft === undefined || !isCopied || !cache.isUnchanged()) return;
    const log = join(resultDirectory(environment.layout, input.pair), "log/make.log");
    quietly(() => {
      makeDirectory(join(draft, "log"));
      copyExpendable(log, join(draft, "log/make.log"));
      keep(draft, input.pair, cache);
    });
  } finally {
    if (draft !== undefined) quietly(() => removeTree(draft));
  }
}

/** Copies every file; a result has nothing else in it. */
function copyFiles(from: string, to: string): boolean {
  for (const { path, kind } of listTree(from)) {
    if (kind !== "file") continue;
    makeDirectory(dirname(join(to, path)));
    copyExpendable(join(from, path), join(to, path));
  }
  return true;
}

function keep(draft: string, pair: Pair, cache: KeepingCache): void {
  writeManifest(draft, pair);
  const entry = join(cache.directory, cache.key);
  removeTree(entry);
  rename(draft, entry);
  trim(cache.directory, cache.limit);
}

/** Removes what is kept of a module for these kernels: who removes it and installs it again expects a build, as other modules that it uses may have changed. */
export function forgetResults(directory: string, module: ModuleId, kernels: KernelChoice): void {
  const releases = kernels.kind === "all" ? undefined : new Set(kernels.kernels.map(kernelText));
  for (const { path } of readCachedResults(directory)) {
    const kept = readManifest(path);
    if (kept?.module !== moduleText(module)) continue;
    const isMeant = releases === undefined || kept.kernel === undefined || releases.has(kept.kernel);
    if (isMeant) quietly(() => removeTree(path));
  }
}

/** Removes entries until the rest fits. */
export function trim(directory: string, limit: number): void {
  for (const { path } of resultsBeyond(readCachedResults(directory), limit)) removeTree(path);
}
