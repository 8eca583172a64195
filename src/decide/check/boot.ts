/** The next boot after an upgrade, as far as it can be told before: kernels that stay, and what test builds say of those that come. Pure. */
import type { KernelFacts, ModuleFacts, ModulePresence, RequiredModule } from "../../model/boot/facts.ts";
import type { BootJudgement, KernelJudgement } from "../../model/boot/verdict.ts";
import type { CheckedKernel, CheckedModule } from "../../model/check/check.ts";
import type { RemovalEvidence } from "../guard/removal.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../model/names.ts";
import { judgeKernel, judgeTogether } from "../boot/judgement.ts";

/** What the boot loader will start is not there yet. */
const notYet = "its boot image will be written by the upgrade";

/** Judges the kernels that the machine will have. */
export function judgeBootAfter(
  now: BootJudgement,
  required: readonly RequiredModule[],
  kernels: readonly CheckedKernel[],
  removal: RemovalEvidence["removal"],
): BootJudgement {
  const incoming = kernels.filter((kernel) => kernel.incoming);
  const staying = now.kernels.filter(
    ({ kernel }) => !removal.kernels.has(kernel.release) && !incoming.some((one) => one.kernel === kernel.release),
  );
  return judgeTogether([...incoming.map((kernel) => judgeIncoming(kernel, required)), ...staying], required);
}

function judgeIncoming(kernel: CheckedKernel, required: readonly RequiredModule[]): KernelJudgement {
  const facts: KernelFacts = {
    kernel: { release: kernelRelease(kernel.kernel), arch: architecture(kernel.arch) },
    pkgbase: kernel.pkgbase,
    modules: kernel.modules.flatMap((module) => factsOf(module)),
    start: { kind: "unknown", why: notYet },
  };
  const known = new Set(facts.modules.map(({ name }) => name));
  // What was not tested, as a package may supply it, is not called missing.
  const judged = judgeKernel(
    kernel.headers ? facts : { ...facts, modules: [...facts.modules, ...withoutHeaders(required, known)] },
    kernel.headers ? required.filter(({ name }) => known.has(name)) : required,
  );
  const open = required.filter(({ name }) => !known.has(name) && kernel.headers).map(({ name }) => name);
  return { ...judged, unchecked: [...judged.unchecked, ...open.map((name) => `${name} was not tested`)] };
}

function factsOf({ module, version, result, message }: CheckedModule): readonly ModuleFacts[] {
  const id = { name: moduleName(module), version: moduleVersion(version) };
  const fact = (presence: ModulePresence): readonly ModuleFacts[] => [{ name: module, presence }];
  switch (result) {
    case "builds":
      return fact({ kind: "installed", id, objects: [] });
    case "fails":
      return fact({ kind: "missing", id, cause: { kind: "obstacle", why: message ?? "it does not build" } });
    case "skipped":
      return fact({ kind: "excluded", why: message ?? "it is not meant for this kernel" });
    case "unknown":
      return [];
  }
}

function withoutHeaders(required: readonly RequiredModule[], known: ReadonlySet<string>): readonly ModuleFacts[] {
  return required
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => ({ name, presence: { kind: "missing", id: undefined, cause: { kind: "no-headers" } } }));
}
