/** Carries out one step: a function for each kind. */
import { dirname, join } from "node:path";
import { DkmsError } from "../model/errors.ts";
import { moduleDirectory, resultDirectory, stampFile } from "../model/machine/layout.ts";
import type { Directives } from "../model/conf/directives.ts";
import type { Ending, ResultOrigin } from "../model/run/outcome.ts";
import { moduleText, pairKey, pairWords, sameKernel, type Pair } from "../model/pair.ts";
import type { Step } from "../model/run/plan.ts";
import { findPair } from "../model/machine/lookup.ts";
import { describePlaced } from "../observe/objects/placed-objects.ts";
import { rememberConf } from "../observe/stamps/remembered-confs.ts";
import { beginStamp, stampPlaced, stampYielded, writeStamp } from "./stamps/write-stamp.ts";
import { readPair } from "../observe/tree/tree.ts";
import { parseObjectFileName } from "../model/kernel-object.ts";
import { moduleName, nameFault } from "../model/names.ts";
import { readActive } from "../observe/tree/tree.ts";
import { removeEmptyUpTo, removeFile, writeAtomically } from "../system/writing/file-changes.ts";
import { preparePairBuild, validConf, type BuildContext } from "./pair-build.ts";
import { refreshIndex } from "./index/depmod.ts";
import { loadModules } from "./index/modprobe.ts";
import type { Placement, PlaceOrder } from "./install/place-order.ts";
import { placePair } from "./install/place.ts";
import { tidyKernel } from "./index/tidy.ts";
import { withdrawPair } from "./install/withdraw.ts";
import { placeSource } from "./archive/place-source.ts";
import { deregister, register, unbuild } from "./register.ts";
import { keepRemovalScript, runSourceScript, scriptFailed } from "./source-scripts.ts";

/** What the steps of one plan share. */
export type StepContext = BuildContext;

const done: Ending = { kind: "done" };

/** Carries a step out; throws DkmsError when it fails, and then nothing that others read is half-done. */
export async function performStep(step: Step, context: StepContext): Promise<Ending> {
  const { layout } = context;
  switch (step.kind) {
    case "import":
      await placeSource({
        layout,
        module: step.module,
        from: step.from,
        force: step.existing === "replace",
      });
      return done;
    case "add":
      return add(step, context);
    case "build":
      return build(step.pair, context);
    case "install":
      return install(step, context);
    case "uninstall":
      return uninstall(step.pair, context);
    case "unbuild":
      unbuild(layout, step.pair);
      return done;
    case "deregister":
      return deregister(layout, step.module) === "removed"
        ? done
        : { kind: "unchanged", why: `${moduleDirectory(layout, step.module)} still holds results` };
    case "tidy":
      return tidyKernel(layout, step.kernel) === "removed"
        ? done
        : { kind: "unchanged", why: "something else is in it" };
    case "depmod":
      if (context.options.depmod === "skip") return { kind: "unchanged", why: "--no-depmod" };
      await index(step, context);
      if (context.options.modprobe && step.loading === "wanted" && sameKernel(step.kernel, context.world.running)) {
        await loadModules(context.tell);
      }
      return done;
  }
}

async function add({ module, source, postAdd }: Extract<Step, { kind: "add" }>, context: StepContext): Promise<Ending> {
  register(context.layout, module, source);
  const conf = [...context.world.confs].find(([key]) => key.startsWith(`${moduleText(module)}/`))?.[1];
  if (conf?.kind !== "valid") return done;
  const order = { name: "post-add", module, directives: conf.directives } as const;
  const status = await runSourceScript(order, context);
  if (status !== 0 && postAdd === "matters") throw scriptFailed(order, status, status);
  return done;
}

async function build(pair: Pair, context: StepContext): Promise<Ending> {
  const { layout } = context;
  const prepared = await preparePairBuild(pair, "use", context);
  const remembered = rememberConf(context, prepared.confFiles, prepared.conf);
  beginStamp(layout, pair);
  let origin: ResultOrigin;
  try {
    origin = await prepared.run();
  } catch (error) {
    removeFile(stampFile(layout, pair));
    removeEmptyUpTo(dirname(stampFile(layout, pair)), join(layout.state, "stamps"));
    throw error;
  }
  rememberDependencies(pair, prepared.conf.directives, context);
  // What was edited since may be in the objects, by half: the stamp stays that of a build that has begun.
  if (origin !== "build" || prepared.isUnchanged()) writeStamp(layout, pair, prepared.digests, remembered);
  return { kind: "done", origin };
}

/** `.dep_NAME` in the result: the version of each dependency that it was built with. A forced build remembers none, as with the reference. */
function rememberDependencies(pair: Pair, directives: Directives, { layout, options }: StepContext): void {
  if (directives.rebuild === "no" || options.force) return;
  for (const name of directives.buildDepends) {
    if (nameFault(name) !== undefined) continue;
    const active = readActive(layout, moduleName(name), pair.kernel);
    if (active === undefined) continue;
    writeAtomically(`${resultDirectory(layout, pair)}/.dep_${name}`, `${active.module.version}\n`);
  }
}

async function install(
  { pair, replaces, yields }: Extract<Step, { kind: "install" }>,
  context: StepContext,
): Promise<Ending> {
  const { layout, scheme, options, tell } = context;
  if (readPair(layout, pair) === undefined) {
    throw new DkmsError("object-missing", `${pairWords(pair)} is not built.`, { module: moduleText(pair.module) });
  }
  const { directives, objects } = validConf(pair, context);
  const script = { module: pair.module, kernel: pair.kernel, directives };
  const refused = await runSourceScript({ ...script, name: "pre-install" }, context);
  if (refused !== 0 && !options.force) throw scriptFailed({ ...script, name: "pre-install" }, refused, 101);
  const formerObjects = (findPair(context.world, pair)?.objects ?? [])
    .map((file) => parseObjectFileName(file)?.name)
    .filter((name) => name !== undefined);
  const order = { layout, pair, scheme, objects, formerObjects, replaces, options, tell };
  const placed = await placeUnlessKernelHas(order);
  if (placed instanceof DkmsError && !yields) throw placed;
  if (placed instanceof DkmsError) return { kind: "unchanged", why: placed.message, remark: placed };
  const { installed } = placed;
  stampPlaced(layout, pair, describePlaced(layout, pair, installed), placed.refused);
  for (const path of installed) tell({ kind: "note", level: "message", text: path });
  keepRemovalScript(context, pair.module, directives);
  await runSourceScript({ ...script, name: "post-install" }, context);
  return done;
}

/** Installs a pair, or remembers that the kernel's own module is used, and returns the error that says so. */
async function placeUnlessKernelHas(order: PlaceOrder): Promise<Placement | DkmsError> {
  try {
    return await placePair(order);
  } catch (error) {
    if (!(error instanceof DkmsError) || error.code !== "kernel-has-module") throw error;
    stampYielded(order.layout, order.pair, error.facts.path ?? "");
    return error;
  }
}

async function uninstall(pair: Pair, context: StepContext): Promise<Ending> {
  const { layout, scheme, tell } = context;
  const conf = context.world.confs.get(pairKey(pair));
  const directives = conf?.kind === "valid" ? conf.directives : undefined;
  const objects = directives?.objects;
  const { removed, notFound } = await withdrawPair({ layout, pair, scheme, objects, tell });
  for (const path of removed) tell({ kind: "note", level: "detail", text: `removed ${path}` });
  for (const name of notFound) {
    tell({
      kind: "note",
      level: "message",
      text: `${name}.ko was not found in ${layout.installTree}/${pair.kernel.release}`,
    });
  }
  // Its status is nobody's business: the module was removed.
  await runSourceScript({ name: "post-remove", module: pair.module, kernel: pair.kernel, directives }, context);
  return done;
}

/** Makes a kernel's index anew; when that fails, takes back what was installed only now, if the plan says so. */
async function index({ kernel, dependents }: Extract<Step, { kind: "depmod" }>, context: StepContext): Promise<void> {
  const { layout } = context;
  try {
    await refreshIndex(layout, kernel);
  } catch (error) {
    if (!(error instanceof DkmsError) || error.code !== "depmod-failed") throw error;
    const withdrawn = dependents.filter((pair) => readPair(layout, pair)?.state === "installed");
    if (withdrawn.length === 0) throw error;
    for (const pair of withdrawn) await uninstall(pair, context);
    const names = withdrawn.map(({ module }) => moduleText(module)).join(", ");
    throw new DkmsError(error.code, `${error.message} Built, but not installed: ${names}.`, {
      ...error.facts,
      hint: "Install again when depmod works: what is built stays.",
    });
  }
}
