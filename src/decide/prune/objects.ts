/** Judges kernel objects that no installed pair accounts for: a mistake here can cost a machine its disk driver, so every doubt is for the object. */
import { kernelText, moduleText, pairKey } from "../../model/pair.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import type { FoundObject, LeftAlone, Leftovers, Deletion } from "../../model/health/leftovers.ts";
import { findKernel, type Kernel, type Module, type World } from "../../model/machine/world.ts";

/** What becomes of an object; undefined when it is nobody's business (a package owns it). */
export type Verdict =
  | { readonly kind: "delete"; readonly deletion: Deletion }
  | { readonly kind: "left-alone"; readonly leftAlone: LeftAlone }
  | undefined;

/** Judges one object; `removed` are kernels by `kernelText`. `force` takes those with which nothing is wrong but that nobody knows whose they are. */
export function judgeObject(
  world: World,
  leftovers: Leftovers,
  object: FoundObject,
  { removed, force }: { readonly removed: ReadonlySet<string>; readonly force: boolean },
): Verdict {
  if (object.owner === "package") return undefined;
  if (object.owner === "unknown") {
    const why = "pacman's database of installed packages cannot be read, so a package may own it";
    return alone(object, why, "See DBPath in /etc/pacman.conf: pacman-conf DBPath");
  }
  const kernel = findKernel(world, { ...world.running, release: object.release as Kernel["release"] });
  const isRunning = kernel.release === world.running.release;
  if (kernel.modules !== "present") {
    if (isRunning)
      return alone(object, "the running kernel may still need it", "It goes once another kernel runs: dkms prune");
    if (removed.has(kernelText(kernel))) return deletion(object, `kernel ${object.release} was removed`);
    if (force) return deletion(object, `kernel ${object.release} is not installed`);
    return alone(
      object,
      `kernel ${object.release} is not installed, but its headers are`,
      "If it is not needed: dkms prune --force",
    );
  }
  const wanting = world.modules.find((module) => module.sourcePresent && makes(world, module, kernel, object.name));
  if (wanting !== undefined) {
    const command = `dkms install ${moduleText(wanting.id)} -k ${object.release}`;
    return alone(object, `${moduleText(wanting.id)} makes it and is not installed for that kernel`, command);
  }
  if (!force && isRunning) {
    return alone(object, "it is in the directory of the running kernel", "If it is not needed: dkms prune --force");
  }
  const former = formerOwner(world, leftovers, object.name);
  if (former !== undefined) return deletion(object, `${former}, which has made it, is not installed for that kernel`);
  if (!object.loadable) return deletion(object, "no module accounts for it, and it is none that the kernel loads");
  if (force) return deletion(object, "neither a package nor a module accounts for it");
  const why = "neither a package nor a module accounts for it, but the kernel can load it";
  return alone(object, why, "If it is not needed: dkms prune --force");
}

/** Whether a module makes an object of that name: by its conf for the kernel, or by what it has built for any. */
function makes(world: World, module: Module, kernel: Kernel, name: string): boolean {
  const conf = world.confs.get(pairKey({ module: module.id, kernel }));
  if (conf?.kind === "valid" && conf.directives.objects.some(({ destName }) => destName === name)) return true;
  return module.id.name === name || builtNames(module).includes(name);
}

/** A module that was here and whose source was removed, known by what it has built or by the records of it. */
function formerOwner(world: World, leftovers: Leftovers, name: string): string | undefined {
  const module = world.modules.find(
    ({ id, ...rest }) => id.name === name || builtNames({ id, ...rest }).includes(name),
  );
  if (module !== undefined) return moduleText(module.id);
  const records = [...leftovers.stamps, ...leftovers.logs, ...leftovers.links].map(({ pair }) => pair.module);
  const record = [...records, ...leftovers.kept.map((kept) => kept.module)].find((id) => id.name === name);
  return record === undefined ? undefined : moduleText(record);
}

function builtNames(module: Module): readonly string[] {
  return module.pairs.flatMap(({ objects }) => objects.flatMap((file) => parseObjectFileName(file)?.name ?? []));
}

function deletion({ release, path }: FoundObject, reason: string): Verdict {
  return { kind: "delete", deletion: { kind: "object", release, path, reason } };
}

function alone({ path }: FoundObject, why: string, fix: string): Verdict {
  return { kind: "left-alone", leftAlone: { subject: path, why, fix } };
}
