/** `dkms status`: what is added, built and installed. Reads, needs no root and takes no lock. */
import type { ConfSubject } from "../../../observe/conf/confs.ts";
import { readKernel, readKernels } from "../../../observe/kernel/kernels.ts";
import { inspectPair, type Inspection } from "../../../observe/objects/objects.ts";
import { KeptOriginals } from "../../../observe/tree/original-modules.ts";
import type { PlainConfs } from "../../../observe/conf/plain-confs.ts";
import { RememberedConfs } from "../../../observe/stamps/remembered-confs.ts";
import { readStamp, type Stamp } from "../../../observe/stamps/stamp.ts";
import { hasSource, readPair, readTree } from "../../../observe/tree/tree.ts";
import { readSupplies } from "../../../observe/tree/supplies.ts";
import { architecture } from "../../../model/names.ts";
import type { WantedObject } from "../../../model/kernel-object.ts";
import type { Supply } from "../../../model/packaging/supply.ts";
import { machineArchitecture } from "../../../system/environment.ts";
import { matchesPattern } from "../../../alpm/target-match.ts";
import { kernelText, pairKey, type KernelId } from "../../../model/pair.ts";
import { wantedObjects, type Conf, type Module, type PairState } from "../../../model/machine/world.ts";
import { isTerminal } from "../../../system/colours.ts";
import { writeLine, writeLines } from "../../../system/output.ts";
import { isForPerson } from "../../../system/colours.ts";
import { awaitedVersion } from "../../../decide/plan/successors.ts";
import type { ModuleStatus } from "../../../tell/status/json.ts";
import { brokenLines, statusLine, type StatusRow } from "../../../tell/status/lines.ts";
import { givenModule } from "../given-module.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";

/** Prints a line for every pair that is built and for every module of which nothing is, or with `--json` one document; returns 0 whatever it finds. */
export async function runStatus(settings: Settings, given: ParsedArguments): Promise<number> {
  const { name, version } = givenModule(given);
  const isPlain = name === undefined && given.values("kernelver").length + given.values("arch").length === 0;
  if (isPlain && !given.has("json") && isTerminal(1)) {
    const { printStatusTable } = await import("./table.ts");
    return printStatusTable(settings);
  }
  const tree = readTree(settings.layout, given.has("json") ? "everything" : "states");
  const patterns = kernelPatterns(given);
  const found = tree.filter(
    ({ id, registration }) => registration !== "none" && isMatch(name, id.name) && isMatch(version, id.version),
  );
  const asked = withPairs(found, patterns);
  const all = await withWaiting(settings, tree);
  const inspected = await inspectPairs(settings, asked);
  if (given.has("json")) {
    const { statusJson } = await import("../../../tell/status/json.ts");
    const supplies = suppliesOf(settings).filter(
      ({ pair }) =>
        isMatch(name, pair.module.name) && isMatch(version, pair.module.version) && isAsked(patterns, pair.kernel),
    );
    writeLine(
      "out",
      statusJson(
        asked.map((module) => moduleStatus(settings, all, module, inspected)),
        supplies,
      ),
    );
    return 0;
  }
  // The reference goes through the whole list anew for every kernel that is named.
  const lists = patterns.length < 2 ? [asked] : patterns.map((pattern) => withPairs(asked, [pattern]));
  let lines: string[] = [];
  for (const row of lists.flat().flatMap((module) => statusRows(all, module, inspected))) {
    lines.push(statusLine(row));
    if (row.kind !== "broken") continue;
    writeLines("out", lines);
    lines = [];
    writeLines("err", brokenLines(row));
  }
  writeLines("out", lines);
  if (isForPerson()) {
    const { tellLastCheck } = await import("./last-check.ts");
    tellLastCheck(settings.layout);
  }
  return 0;
}

/** What an old version is kept for may not be registered yet, as where headers are missing; hardly ever is there an old version, so confs are seldom read. */
async function withWaiting(settings: Settings, tree: readonly Module[]): Promise<readonly Module[]> {
  if (tree.every((module) => module.pairs.length === 0 || hasSource(module))) return tree;
  const { readWaiting } = await import("../../../observe/world.ts");
  return [...tree, ...(await readWaiting(settings, tree))];
}

/** What packages bring to the kernels of this machine; the plain lines, which other programs read, do not know of it. */
function suppliesOf({ layout }: Settings): readonly Supply[] {
  const kernels = readKernels(layout, architecture(machineArchitecture()));
  return [...readSupplies(layout, kernels).values()];
}

type Inspections = ReadonlyMap<PairState, Inspection>;

const nothing: Inspection = { originals: "none", fault: undefined };

function statusRows(
  all: readonly Module[],
  { id, registration, source, pairs }: Module,
  inspected: Inspections,
): readonly StatusRow[] {
  if (registration === "broken") {
    const kept = pairs.flatMap(({ pair }) => {
      const awaited = awaitedVersion(all, pair, hasSource);
      return awaited === undefined ? [] : [{ pair, awaited }];
    });
    return [{ kind: "broken", module: id, source, kept }];
  }
  if (pairs.length === 0) return [{ kind: "added", module: id }];
  return pairs.map((state) => ({ kind: state.state, pair: state.pair, ...(inspected.get(state) ?? nothing) }));
}

function moduleStatus(
  { layout }: Settings,
  all: readonly Module[],
  { id, registration, source, sourcePresent, pairs }: Module,
  inspected: Inspections,
): ModuleStatus {
  const statuses = pairs.map((state) => ({
    pair: state.pair,
    state: state.state,
    objects: state.objects,
    pkgbase: readKernel(layout, state.pair.kernel).pkgbase,
    awaited: awaitedVersion(all, state.pair, hasSource),
    ...(inspected.get(state) ?? nothing),
  }));
  return { module: id, registration, source, sourcePresent, pairs: statuses };
}

/**
 * Compares what is built with what is installed. What the confs want is known from stamps; where these do not tell, as in a tree that the reference has made, from
 * their texts; only where these leave it open, confs are evaluated.
 */
async function inspectPairs(settings: Settings, modules: readonly Module[]): Promise<Inspections> {
  const { layout, scheme } = settings;
  const remembered = new RememberedConfs(settings);
  let plain: PlainConfs | undefined;
  const originals = new KeptOriginals(layout);
  const inspected = new Map<PairState, Inspection>();
  const open: { readonly state: PairState; readonly stamp: Stamp | undefined; readonly subject: ConfSubject }[] = [];
  const inspect = async (
    state: PairState,
    stamp: Stamp | undefined,
    objects: readonly WantedObject[] | undefined,
  ): Promise<void> => {
    const placed = stamp?.placed ?? [];
    // Without a conf, what was built says what is to be there.
    const whole = objects === undefined ? readPair(layout, state.pair) : state;
    if (whole === undefined) return;
    inspected.set(state, await inspectPair({ layout, scheme, state: whole, objects, placed, originals }));
  };
  for (const { source, sourcePresent, pairs } of modules) {
    for (const state of pairs) {
      // Stamps are many and large: each is let go of before the next one is read.
      const stamp = readStamp(layout, state.pair);
      const subject = { pair: state.pair, source };
      const conf = stamp === undefined || !sourcePresent ? undefined : remembered.find(stamp, state.pair, source);
      if (conf !== undefined || !sourcePresent) {
        await inspect(state, stamp, objectsOf(conf));
        continue;
      }
      // Hardly ever needed, and so not loaded with the rest.
      plain ??= await plainConfs(settings, remembered);
      const told = plain.find(subject);
      if (told !== undefined) await inspect(state, stamp, told.objects);
      else open.push({ state, stamp, subject });
    }
  }
  if (plain === undefined || open.length === 0) return inspected;
  const evaluationOf = plain.evaluationOf.bind(plain);
  const subjects = new Map(open.map(({ subject }) => [evaluationOf(subject), subject]));
  const evaluated = await evaluate(settings, [...subjects.values()]);
  for (const { state, stamp, subject } of open) {
    const { pair } = subjects.get(evaluationOf(subject)) ?? subject;
    await inspect(state, stamp, objectsOf(evaluated.get(pairKey(pair))));
  }
  return inspected;
}

async function plainConfs(settings: Settings, { isUsual }: RememberedConfs): Promise<PlainConfs> {
  const confs = await import("../../../observe/conf/plain-confs.ts");
  return new confs.PlainConfs(settings, { isUsual });
}

/** Undefined without a conf, or with one that is not valid: what was built then says what is to be there. */
function objectsOf(conf: Conf | undefined): readonly WantedObject[] | undefined {
  return conf?.kind === "valid" ? wantedObjects(conf) : undefined;
}

async function evaluate(settings: Settings, subjects: readonly ConfSubject[]): Promise<ReadonlyMap<string, Conf>> {
  if (subjects.length === 0) return new Map();
  const { readConfs, readConfigs } = await import("../../../observe/conf/confs.ts");
  const kernels = new Map(
    subjects.map(({ pair }) => [kernelText(pair.kernel), readKernel(settings.layout, pair.kernel)]),
  );
  return readConfs(settings, readConfigs(settings, [...kernels.values()]), subjects);
}

/** What a kernel has to match; undefined: any. */
interface KernelPattern {
  readonly release: string | undefined;
  readonly arch: string | undefined;
}

/** The words of `-k` and `-a` are patterns: each `-k` with the `-a` of its place, or with the only one. None at all: every kernel. */
function kernelPatterns(given: ParsedArguments): readonly KernelPattern[] {
  const kernels = given.values("kernelver").map((text) => text.split("/", 2));
  const arches = [...kernels.flatMap(([, arch]) => arch ?? []), ...given.values("arch")];
  if (kernels.length === 0) return arches.map((arch) => ({ release: undefined, arch }));
  return kernels.map(([release], index) => ({ release, arch: arches[index] ?? arches[0] }));
}

/** Modules with those of their pairs that match one of the patterns, or with all when there are none. */
function withPairs(modules: readonly Module[], patterns: readonly KernelPattern[]): readonly Module[] {
  return modules.map((module) => ({
    ...module,
    pairs: module.pairs.filter(({ pair: { kernel } }) => isAsked(patterns, kernel)),
  }));
}

function isAsked(patterns: readonly KernelPattern[], kernel: KernelId): boolean {
  if (patterns.length === 0) return true;
  return patterns.some(({ release, arch }) => isMatch(release, kernel.release) && isMatch(arch, kernel.arch));
}

function isMatch(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || pattern === "" || matchesPattern(pattern, text);
}
