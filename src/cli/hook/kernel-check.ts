/** `dkms-report --kernel RELEASE`: whether a kernel has the modules that this machine needs to boot. kernel-install's plugin asks. */
import { requiredModuleFaults } from "../../decide/boot/judgement.ts";
import { describeFault } from "../../model/boot/words.ts";
import { kernelRelease } from "../../model/names.ts";
import { readWorld } from "../../observe/world.ts";
import { readHookSettings } from "../frame/settings.ts";
import { judgeNextBoot } from "../walk/next-boot.ts";
import { writeLine } from "../../system/output.ts";

/** A required module is missing: the status by which a plugin of kernel-install(8) ends its run. */
const missing = 77;

/** Prints each required module that is missing or damaged; returns 77 when there is one, otherwise 0. Throws `bad-name`. */
export async function checkKernel(word: string): Promise<number> {
  const release = kernelRelease(word);
  const settings = await readHookSettings();
  const scope = { releases: new Set([release]), sourceDirectories: new Set<string>() };
  const world = await readWorld({ kind: "transaction-install", scope }, settings, "needed");
  const { judgement } = await judgeNextBoot(settings, { world, release });
  const [judged] = judgement.kernels;
  if (judged === undefined) {
    writeLine("err", `Not checked: /usr/lib/modules/${release} has no modules of a kernel.`);
    return 0;
  }
  const faults = requiredModuleFaults(judged).map((fault) => describeFault(fault, judged));
  for (const { what, fix } of faults) {
    writeLine("err", `==> ERROR: ${what}`);
    if (fix !== undefined) writeLine("err", `  -> ${fix}`);
  }
  return faults.length === 0 ? 0 : missing;
}
