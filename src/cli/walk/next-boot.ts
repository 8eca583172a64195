/** The judgement of this machine's next boot, for everybody who speaks of it. */
import { judgedKernels, kernelFacts } from "../../decide/boot/facts.ts";
import { judgeBoot } from "../../decide/boot/judgement.ts";
import { requiredForBoot } from "../../decide/boot/required.ts";
import type { RequiredModule } from "../../model/boot/facts.ts";
import type { BootJudgement } from "../../model/boot/verdict.ts";
import type { LoadPolicy } from "../../model/health/health.ts";
import type { World } from "../../model/machine/world.ts";
import { readBoot } from "../../observe/boot/boot.ts";
import type { ObserveContext } from "../../observe/context.ts";
import { readBootNeeds } from "../../observe/pacman/incoming/boot-needs.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";

/** How to judge. */
export interface JudgementOrder {
  readonly world: World;
  /** Names of modules that this transaction has removed. */
  readonly removed?: ReadonlySet<string>;
  /** Whether images are read although no module has to be in them. */
  readonly allImages?: boolean;
  /** The only kernel to judge, whoever owns it; images are not read then. */
  readonly release?: string;
  /** For machines other than this one. */
  readonly policy?: LoadPolicy;
}

/** The judgement, and what it was made for. */
export interface JudgedBoot {
  readonly judgement: BootJudgement;
  readonly required: readonly RequiredModule[];
}

/** Reads what the next boot will find and judges it; `world` must be of the whole machine. Changes nothing. */
export async function judgeNextBoot(context: ObserveContext, order: JudgementOrder): Promise<JudgedBoot> {
  const { world, removed, allImages = false, release, policy } = order;
  const never = new AbortController().signal;
  const needs = await readBootNeeds(context.own.guard.require.value, findCallingPacman(), never);
  const modules = world.modules.map(({ id, source }) => {
    return { name: id.name, directory: source.slice(source.lastIndexOf("/") + 1) };
  });
  const required = requiredForBoot(needs, modules, removed);
  const observed = await readBoot(context, {
    world,
    kernels:
      release === undefined
        ? judgedKernels(world)
        : world.kernels.filter((kernel) => kernel.release === release && kernel.modules === "present"),
    images: allImages || (release === undefined && required.length > 0),
    ...(policy === undefined ? {} : { policy }),
  });
  return { judgement: judgeBoot({ kernels: kernelFacts(world, observed, required), required }), required };
}
