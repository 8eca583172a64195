/** Words for the judgement of the next boot: facts, never hopes. */
import type { RequiredModule } from "../model/boot/facts.ts";
import type { BootJudgement, KernelJudgement } from "../model/boot/verdict.ts";
import type { ReportedBoot, ReportedKernel } from "../model/boot/reported.ts";
import { describeFault, list, nothingLeftWords } from "../model/boot/words.ts";

/** The judgement as a report keeps it. */
export function reportedBoot(judgement: BootJudgement, required: readonly RequiredModule[]): ReportedBoot {
  const words = judgement.nothingLeft === undefined ? undefined : nothingLeftWords(judgement.nothingLeft);
  return {
    required: required.map(({ name, because }) => ({ module: name, because })),
    kernels: judgement.kernels.map(reportedKernel),
    ...(words === undefined ? {} : { nothingLeft: words }),
  };
}

function reportedKernel(judged: KernelJudgement): ReportedKernel {
  const { kernel, pkgbase, verdict, found, unchecked, remarks } = judged;
  const faults = verdict.kind === "not-ready" ? verdict.faults : [];
  return {
    kernel: kernel.release,
    arch: kernel.arch,
    ...(pkgbase === undefined ? {} : { pkgbase }),
    verdict: verdict.kind,
    ...found,
    problems: faults.map((fault) => describeFault(fault, judged)),
    remarks: remarks.map((fault) => describeFault(fault, judged)),
    unchecked,
  };
}

/** `linux 6.6.2-arch1-1`; `kernel 6.6.2` for one that no package owns. */
export function kernelName({ kernel, pkgbase }: { readonly kernel: string; readonly pkgbase?: string }): string {
  return `${pkgbase ?? "kernel"} ${kernel}`;
}

/** What was found of a kernel, in one sentence without a full stop; empty when nothing was looked at. */
export function kernelFacts(reported: ReportedKernel): string {
  const { modules, kernelsOwn, added = [], excluded, images, unchecked } = reported;
  const name = kernelName(reported);
  const readImages = images.filter(({ contains }) => contains.length > 0);
  const parts = [
    ...(modules.length > 0 ? [`${list(modules)} ${modules.length === 1 ? "is" : "are"} installed for ${name}`] : []),
    ...(kernelsOwn.length > 0 ? [`${name} has its own ${list(kernelsOwn)}, which will be loaded`] : []),
    ...added.map(({ module, path }) => `${name} has ${module} in ${path}`),
    ...excluded.map(({ module, why }) => `${module} is not meant for ${name} (${why})`),
    ...readImages.map(({ path, contains }) => `${path} contains ${list(contains)}`),
  ];
  // With nothing before it, what was not checked has to name the kernel itself.
  const of = parts.length === 0 ? ` for ${name}` : "";
  return [...parts, ...unchecked.map((what) => `not checked${of}: ${what}`)].join("; ");
}
