/** `dkms generate_mok`: makes the key pair that modules are signed with, if there is none. */
import { ensureSigningFiles } from "../../act/finish/sign.ts";
import { haveSigningFiles } from "../../act/finish/mok.ts";
import { signingFiles } from "../../act/finish/signing-files.ts";
import { DkmsError } from "../../model/errors.ts";
import { confVariables } from "../../observe/conf/confs.ts";
import { readLateSettings } from "../../observe/settings/framework-conf.ts";
import { readKernelBuildFacts } from "../../observe/kernel/kernel-build-facts.ts";
import { readKernel } from "../../observe/kernel/kernels.ts";
import { writeLine } from "../../system/output.ts";
import { eventLines } from "../../tell/run/lines.ts";
import { runningKernel } from "../../observe/kernel/kernels.ts";
import type { Settings } from "../frame/settings.ts";

/** Returns 0 when key and certificate are there afterwards, or would be with `--dry-run`; throws `signing-failed` otherwise. */
export async function generateMok(settings: Settings): Promise<number> {
  const { layout, framework } = settings;
  const kernel = runningKernel();
  const headers = readKernel(layout, kernel).headers ?? "";
  const facts = readKernelBuildFacts({ headers, config: settings.options.kernelConfig });
  const late = await readLateSettings(framework.files, confVariables(settings, kernel, facts));
  const files = signingFiles({ layout, settings: late });
  writeLine("out", `Signing key: ${files.key}`);
  writeLine("out", `Public certificate (MOK): ${files.certificate}`);
  if (settings.dryRun) {
    writeLine("out", haveSigningFiles(files) ? "Both are there." : "Make this key pair.");
    return 0;
  }
  const trouble = await ensureSigningFiles(files, (event) => {
    for (const { stream, text } of eventLines(event, settings.verbosity)) writeLine(stream, text);
  });
  if (trouble === undefined) return 0;
  throw new DkmsError("signing-failed", `No key to sign modules with: ${trouble}`, { path: files.key });
}
