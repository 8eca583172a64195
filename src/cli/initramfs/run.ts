/** The walk of `dkms-initramfs`: what has changed, whether to write the image, and what became of it. */
import { join } from "node:path";
import { booster } from "../../act/initramfs/booster.ts";
import { dracut } from "../../act/initramfs/dracut.ts";
import type { ImageGenerator, ImageSubject } from "../../act/initramfs/generator.ts";
import { mkinitcpio } from "../../act/initramfs/mkinitcpio.ts";
import { hasImage, writeImage } from "../../act/initramfs/write-image.ts";
import { parseTargets } from "../../alpm/targets.ts";
import { headersPackage, type Generator, type HookSubject } from "../../decide/hookgen/names.ts";
import { decideInitramfs, type InitramfsDecision } from "../../decide/initramfs/initramfs.ts";
import type { KernelImageModules } from "../../decide/initramfs/modules.ts";
import { DkmsError } from "../../model/errors.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { moduleText } from "../../model/pair.ts";
import { writeLine } from "../../system/output.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { printable } from "../../tell/errors.ts";
import { gatherFacts, type InitramfsFacts } from "./facts.ts";
import { tellError } from "../frame/guarded.ts";
import { saveReport } from "../../act/transaction/saved-report.ts";
import { runId } from "../../observe/pacman/run-id.ts";
import type { InitramfsArguments } from "./options.ts";
import { readHookSettings, type Settings } from "../frame/settings.ts";

const generators: Readonly<Record<Generator, ImageGenerator>> = { mkinitcpio, dracut, booster };

/** `input` has pacman's targets. Returns 0, or 1 when an image was not written that had to be, or will lack a module. */
export async function runInitramfs(
  { dryRun, verbose, ...subject }: InitramfsArguments,
  input: string,
): Promise<number> {
  const settings = await readHookSettings({ dryRun: true });
  const facts = await gatherFacts(subject, parseTargets(input), settings);
  const decision = decideInitramfs(facts.question);
  if (dryRun || verbose) writeLine("out", `${intention(decision, subject)}: ${printable(decision.reason)}.`);
  if (dryRun) return 0;
  switch (decision.kind) {
    case "not-concerned":
      return 0;
    case "stock-hook-will":
      if (!verbose) writeLine("out", `  -> ${printable(decision.reason)}`);
      return 0;
    case "module-missing":
      return refuse(subject, decision, facts, settings);
    case "regenerate":
      return regenerate(subject, facts, settings);
  }
}

function intention({ kind }: InitramfsDecision, { kernel, generator }: HookSubject): string {
  switch (kind) {
    case "not-concerned":
      return "Nothing to do";
    case "stock-hook-will":
      return `The hook of ${generator} itself writes the initramfs of ${kernel}`;
    case "module-missing":
      return `A module is missing from the initramfs of ${kernel}`;
    case "regenerate":
      return `Write the initramfs of ${kernel} with ${generator}`;
  }
}

/** A kernel without an image gets one anyway: it may boot with it, and never boots without. */
async function refuse(
  subject: HookSubject,
  decision: Extract<InitramfsDecision, { kind: "module-missing" }>,
  facts: InitramfsFacts,
  settings: Settings,
): Promise<number> {
  const image = imageSubject(subject, facts);
  const generator = generators[subject.generator];
  const isBare = decision.image === "kept" && !(await hasImage({ generator, subject: image }).catch(() => true));
  const lacking = decision.missing.map(({ release, missing }) => `${missing.join(", ")} for ${release}`).join("; ");
  const sentences = {
    overwritten: `The initramfs of ${subject.kernel} is written without modules that it should have: ${decision.reason}.`,
    kept: `The initramfs of ${subject.kernel} is NOT updated: ${decision.reason}.`,
    bare: `The initramfs of ${subject.kernel}, of which there is none yet, is written without modules that it should have: not installed: ${lacking}.`,
  } as const;
  complain(
    settings,
    new DkmsError("dependency-missing", sentences[isBare ? "bare" : decision.image], {
      hint: `Once the modules are installed: ${commandByHand(subject)}`,
    }),
  );
  if (isBare) await regenerate(subject, facts, settings);
  return 1;
}

async function regenerate(subject: HookSubject, facts: InitramfsFacts, settings: Settings): Promise<number> {
  const image = imageSubject(subject, facts);
  const interruption = watchSignals();
  try {
    const { images, remarks } = await writeImage({
      generator: generators[subject.generator],
      subject: image,
      modules: imageModulesOf(facts.modules.get(image.release)),
      keep: join(settings.layout.state, "images", subject.kernel),
      signal: interruption.signal,
    });
    for (const remark of remarks) writeLine("err", `==> WARNING: ${printable(remark)}`);
    writeLine("out", `==> Wrote ${printable(images.join(", "))} for ${image.release}`);
    return 0;
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    const hint = [error.facts.hint, `To try again: ${commandByHand(subject)}`].filter((text) => text !== undefined);
    complain(settings, new DkmsError(error.code, error.message, { ...error.facts, hint: hint.join(" ") }));
    return 1;
  } finally {
    interruption.release();
  }
}

/** Images bear the name of the kernel's package, so that one release can have it: the newest. */
function imageSubject({ kernel }: HookSubject, { question }: InitramfsFacts): ImageSubject {
  return { kernel, release: question.releases[0]?.release ?? "" };
}

function imageModulesOf(modules: KernelImageModules | undefined) {
  return (modules?.installed ?? []).map(({ id, objects }) => ({
    module: moduleText(id),
    objects: objects.map((file) => parseObjectFileName(file)?.name ?? file),
  }));
}

function commandByHand({ generator, kernel }: HookSubject): string {
  return `echo ${headersPackage(kernel)} | /usr/lib/dkms-alpm/bin/dkms-initramfs ${generator} ${kernel}`;
}

/** Tells an error now, and once more among the last words of the transaction. */
function complain({ layout }: Settings, error: DkmsError): void {
  tellError(error);
  const { hint } = error.facts;
  const problem = hint === undefined ? { message: error.message } : { message: error.message, hint };
  saveReport(layout, { format: 1, transaction: runId(), pairs: [], problems: [problem] });
}
