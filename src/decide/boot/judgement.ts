/** The judgement of the next boot: what the report, the guard and `dkms doctor` say of kernels comes from here. Pure. */
import type { BootFacts, KernelFacts, RequiredModule } from "../../model/boot/facts.ts";
import type { BootFault, BootJudgement, KernelJudgement, NothingLeft, Verdict } from "../../model/boot/verdict.ts";
import { judgeModules } from "./modules.ts";
import { judgeStart } from "./start.ts";

/** Judges every kernel, and whether any is left that can boot this machine. */
export function judgeBoot({ kernels, required }: BootFacts): BootJudgement {
  return judgeTogether(
    kernels.map((facts) => judgeKernel(facts, required)),
    required,
  );
}

/** Whether any of some judged kernels is left that can boot this machine. */
export function judgeTogether(kernels: readonly KernelJudgement[], required: readonly RequiredModule[]): BootJudgement {
  return { kernels, nothingLeft: nothingLeft(kernels, required) };
}

/** Judges one kernel: its modules on disk first, then what the boot loader will start. */
export function judgeKernel(facts: KernelFacts, required: readonly RequiredModule[]): KernelJudgement {
  const needed = required.filter(({ kernels }) => kernels === undefined || kernels.has(facts.pkgbase ?? ""));
  const modules = judgeModules(facts, needed);
  const start = judgeStart(facts, needed);
  const [first, ...others] = [...modules.faults, ...start.faults];
  const verdict: Verdict =
    first !== undefined
      ? { kind: "not-ready", faults: [first, ...others] }
      : start.unknown === undefined
        ? { kind: "ready" }
        : { kind: "not-checked", why: start.unknown };
  return {
    kernel: facts.kernel,
    pkgbase: facts.pkgbase,
    verdict,
    found: { ...modules.found, ...start.found },
    unchecked: [...modules.unchecked, ...start.unchecked],
    remarks: start.remarks,
  };
}

/** Whether a fault concerns a module that the machine needs, or the kernel as such. */
export function stopsBoot(fault: BootFault): boolean {
  return !("required" in fault) || fault.required !== undefined;
}

/** Required modules of a kernel that are missing, left out or damaged on disk; what the boot loader starts is left aside. */
export function requiredModuleFaults({ verdict }: KernelJudgement): readonly BootFault[] {
  if (verdict.kind !== "not-ready") return [];
  const { faults } = verdict;
  return faults.filter((fault) => onDisk.has(fault.kind) && "required" in fault && fault.required !== undefined);
}

const onDisk: ReadonlySet<BootFault["kind"]> = new Set(["module-missing", "module-excluded", "object-bad"]);

/** Only what is known counts: a kernel that was not checked may boot. */
function nothingLeft(
  kernels: readonly KernelJudgement[],
  required: readonly RequiredModule[],
): NothingLeft | undefined {
  if (kernels.length === 0) return { kind: "no-kernel" };
  const isStopped = ({ verdict }: KernelJudgement): boolean =>
    verdict.kind === "not-ready" && verdict.faults.some(stopsBoot);
  if (!kernels.every(isStopped)) return undefined;
  return { kind: "no-ready-kernel", modules: required.map(({ name }) => name) };
}
