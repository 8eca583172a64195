/** What a transaction costs: modules that a kernel has now and will not have, by the judgement of the next boot before and after. Pure. */
import type { KernelFacts, ModuleFacts, ModulePresence, RequiredModule } from "../../model/boot/facts.ts";
import type { BootFault, KernelJudgement } from "../../model/boot/verdict.ts";
import type { GuardMachine, PairVerdict, Verdict } from "../../model/guard/guard.ts";
import { sameKernel } from "../../model/pair.ts";
import { judgeBoot } from "../boot/judgement.ts";

/** The kernels of a machine before and after a transaction. */
type Passage = Pick<GuardMachine, "before" | "after">;

/** What is lost. */
export class Losses {
  readonly #passage: Passage;
  readonly #required: readonly RequiredModule[];
  readonly #before: readonly KernelJudgement[];
  readonly #after: ReadonlyMap<string, KernelJudgement>;

  constructor(passage: Passage, required: readonly RequiredModule[]) {
    this.#passage = passage;
    this.#required = required;
    this.#before = judgeBoot({ kernels: passage.before, required }).kernels;
    const after = judgeBoot({ kernels: passage.after, required }).kernels;
    this.#after = new Map(after.map((judged) => [judged.kernel.release, judged]));
  }

  /** Modules that this very kernel has now. */
  thereNow(release: string): ReadonlySet<string> {
    const judged = this.#before.find(({ kernel }) => kernel.release === release);
    return judged === undefined ? new Set() : modulesThere(judged);
  }

  /** Modules that a kernel of the package to which this one belongs has now: a first installation loses nothing. */
  presentFor(release: string): ReadonlySet<string> {
    return new Set(this.#presentKernels(release).flatMap((judged) => [...modulesThere(judged)]));
  }

  /** Those of them that the kernel will not have. */
  lostFor(release: string): readonly string[] {
    const judged = this.#after.get(release);
    const stays = judged === undefined ? new Set<string>() : modulesThere(judged);
    return [...this.presentFor(release)].filter((name) => !stays.has(name));
  }

  /** Kernels that will be there without a module that they have now. */
  kernelsWithout(name: string): readonly string[] {
    return [...this.#after.keys()].filter((release) => this.lostFor(release).includes(name));
  }

  /** Kernels that have the module now. */
  kernelsWith(name: string): readonly string[] {
    return this.#before.filter((judged) => modulesThere(judged).has(name)).map(({ kernel }) => kernel.release);
  }

  /** Whether no kernel can boot this machine with a required module any more, and one can now, or may. */
  isLast(name: string): boolean {
    const required = this.#required.filter((one) => one.name === name);
    const isNothingLeft = (kernels: readonly KernelFacts[]): boolean =>
      judgeBoot({ kernels, required }).nothingLeft !== undefined;
    const { before, after } = this.#passage;
    if (this.kernelsWith(name).length === 0 || !isNothingLeft(after)) return false;
    const stays = [...this.#after.values()].some((judged) => modulesThere(judged).has(name));
    return !stays || !isNothingLeft(before);
  }

  /** Kernels of now that come from the same package as this one; all of them where nobody knows whose an incoming kernel is. */
  #presentKernels(release: string): readonly KernelJudgement[] {
    const own = this.#before.find(({ kernel }) => kernel.release === release);
    const pkgbase = own?.pkgbase ?? this.#after.get(release)?.pkgbase;
    if (pkgbase === undefined) return own === undefined ? this.#before : [own];
    return this.#before.filter((judged) => judged.pkgbase === pkgbase);
  }
}

/** An object that was altered, not signed or not indexed may still be the one that the machine boots with: it is there to be lost. */
function modulesThere({ found, verdict }: KernelJudgement): ReadonlySet<string> {
  const faults = verdict.kind === "not-ready" ? verdict.faults : [];
  const bad = faults.flatMap((fault) => (fault.kind === "object-bad" ? [fault] : []));
  const useless = new Set(bad.filter((fault) => !isUsable(fault)).map(({ module }) => module));
  const doubtful = bad.map(({ module }) => module).filter((module) => !useless.has(module));
  return new Set([...[...found.modules, ...doubtful].map(nameOf), ...found.kernelsOwn]);
}

type BadObject = Extract<BootFault, { kind: "object-bad" }>;

function isUsable({ defect }: BadObject): boolean {
  return defect.kind === "altered" || defect.kind === "not-indexed" || defect.kind === "unsigned";
}

/** `zfs` of `zfs 2.2.2` */
function nameOf(words: string): string {
  return words.split(" ", 1)[0] ?? "";
}

/** The kernels as they will be, with what test builds have shown. */
export function withVerdicts(after: readonly KernelFacts[], verdicts: readonly PairVerdict[]): readonly KernelFacts[] {
  return after.map((facts) => {
    const own = verdicts.filter(({ pair }) => sameKernel(pair.kernel, facts.kernel));
    const judged = new Map<string, ModulePresence>();
    for (const { pair, verdict } of own) {
      const { name } = pair.module;
      const known = judged.get(name) ?? facts.modules.find((module) => module.name === name)?.presence;
      judged.set(name, presenceAfter(known, pair.module, verdict));
    }
    const others = facts.modules.filter(({ name }) => !judged.has(name));
    return {
      ...facts,
      modules: [...others, ...[...judged].map(([name, presence]): ModuleFacts => ({ name, presence }))],
    };
  });
}

/** What could not be tested is not called lost. An installed version whose successor fails has lost its source: nothing builds it again. */
function presenceAfter(
  known: ModulePresence | undefined,
  id: PairVerdict["pair"]["module"],
  verdict: Verdict,
): ModulePresence {
  if (known?.kind === "kernels-own") return known;
  switch (verdict.kind) {
    case "builds":
    case "unknown":
      return { kind: "installed", id, objects: [] };
    case "skipped":
      return { kind: "excluded", why: verdict.why };
    case "fails":
      return { kind: "missing", id, cause: { kind: "obstacle", why: verdict.error.message } };
  }
}
