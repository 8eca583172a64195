/** Judges the modules of one kernel as they lie on disk. */
import type { KernelFacts, ModuleFacts, ObjectFacts, RequiredModule } from "../../model/boot/facts.ts";
import type { BootFault, BootFindings, ObjectDefect } from "../../model/boot/verdict.ts";
import type { KernelId } from "../../model/pair.ts";

/** What is judged of them. */
interface ModulesJudgement {
  readonly faults: readonly BootFault[];
  readonly found: Pick<BootFindings, "modules" | "kernelsOwn" | "added" | "excluded">;
  readonly unchecked: readonly string[];
}

/** Judges every wanted, installed or required module; the required ones come first. */
export function judgeModules(facts: KernelFacts, required: readonly RequiredModule[]): ModulesJudgement {
  const reasons = new Map(required.map(({ name, because }) => [name, because]));
  const known = new Set(facts.modules.map(({ name }) => name));
  const unknown = required
    .filter(({ name }) => !known.has(name))
    .map(({ name }): ModuleFacts => ({
      name,
      presence: { kind: "missing", id: undefined, cause: { kind: "no-source" } },
    }));
  const all = [...unknown, ...facts.modules].toSorted(
    (a, b) => Number(reasons.has(b.name)) - Number(reasons.has(a.name)),
  );
  const faults = all.flatMap((module) => faultsOf(module, facts.kernel, reasons.get(module.name)));
  const bad = new Set(faults.flatMap((fault) => ("module" in fault ? fault.module : [])));
  const right = all.filter((module) => !bad.has(moduleWords(module)));
  const added = right.flatMap(({ name, presence }) =>
    presence.kind === "added" ? [{ module: name, path: presence.path }] : [],
  );
  return {
    faults,
    found: {
      modules: right.filter(isThere).map(moduleWords),
      kernelsOwn: right.filter(({ presence }) => presence.kind === "kernels-own").map(({ name }) => name),
      ...(added.length === 0 ? {} : { added }),
      excluded: right.flatMap(({ name, presence }) =>
        presence.kind === "excluded" ? [{ module: name, why: presence.why }] : [],
      ),
    },
    unchecked: right.flatMap(uncheckedOf),
  };
}

/** `zfs 2.2.2`; the name alone where no version is known. */
function moduleWords({ name, presence }: ModuleFacts): string {
  const id = "id" in presence ? presence.id : undefined;
  return id === undefined ? name : `${name} ${id.version}`;
}

function isThere({ presence }: ModuleFacts): boolean {
  return presence.kind === "installed" || presence.kind === "prebuilt";
}

function faultsOf(facts: ModuleFacts, kernel: KernelId, required: string | undefined): readonly BootFault[] {
  const { presence } = facts;
  const module = moduleWords(facts);
  switch (presence.kind) {
    case "kernels-own":
    case "added":
      return [];
    case "excluded":
      return required === undefined ? [] : [{ kind: "module-excluded", module, why: presence.why, required }];
    case "missing":
      return [{ kind: "module-missing", module, cause: presence.cause, required }];
    case "installed":
    case "prebuilt":
      return presence.objects.flatMap((object): readonly BootFault[] => {
        const defect = objectDefect(object, kernel);
        return defect === undefined ? [] : [{ kind: "object-bad", module, path: object.path, defect, required }];
      });
  }
}

/**
 * The first thing for which a kernel would not load an object, or not this one; undefined when nothing is wrong.
 * The first word of a vermagic is the release of the kernel that the object was built for.
 */
function objectDefect(object: ObjectFacts, kernel: KernelId): ObjectDefect | undefined {
  const { bytes, vermagic, machine, indexed, signed, signatureDemand } = object;
  if (bytes === "absent") return { kind: "absent" };
  if (vermagic !== undefined && vermagic.split(" ", 1)[0] !== kernel.release) return { kind: "vermagic", vermagic };
  if (machine !== undefined && machine !== kernel.arch) return { kind: "machine", machine };
  if (bytes === "altered") return { kind: "altered" };
  if (indexed === false) return { kind: "not-indexed" };
  if (signed === false && signatureDemand !== undefined) return { kind: "unsigned", demand: signatureDemand };
  return undefined;
}

function uncheckedOf(facts: ModuleFacts): readonly string[] {
  const { presence } = facts;
  if (presence.kind !== "installed" && presence.kind !== "prebuilt") return [];
  return presence.objects
    .filter(({ vermagic }) => vermagic === undefined)
    .map(({ path }) => `${path} could not be read`);
}
