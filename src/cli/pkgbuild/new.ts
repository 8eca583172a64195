/** `dkms-pkgbuild new`: from module sources to a directory in which makepkg makes their package. */
import { writePackage } from "../../act/package/write-source-package.ts";
import { newPackage } from "../../decide/packaging/new-package.ts";
import { openPackagedSource } from "../../observe/packaging/packaged-source.ts";
import { workingDirectory } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { printable } from "../../tell/errors.ts";
import { absolutePath } from "../frame/given-paths.ts";
import type { PkgbuildArguments } from "./options.ts";

/** Writes the package and returns 0. Throws `file-failed` when one of its files exists, and what reading and writing throws. */
export async function makeNewPackage(given: Extract<PkgbuildArguments, { kind: "new" }>): Promise<number> {
  const here = workingDirectory();
  const path = absolutePath(given.source, here);
  const opened = await openPackagedSource(path);
  try {
    const made = newPackage(opened.source, given);
    const target = absolutePath(given.output ?? made.packageName, here);
    const paths = await writePackage({
      ...made,
      target,
      force: given.force,
      isDryRun: given.dryRun,
      given: opened.source.tarball,
      sources: opened.directory,
    });
    if (given.verbose) writeLine("err", printable(`==> ${made.packageName} from ${path}`));
    if (given.json) writeLine("out", JSON.stringify({ format: 1, directory: target, written: paths }, undefined, 2));
    else if (!given.quiet) {
      for (const written of paths) writeLine("out", printable(written));
      const next = given.dryRun ? "Nothing was written." : `Build and install it: cd ${target} && makepkg -si`;
      writeLine("err", printable(`==> ${next}`));
    }
    return 0;
  } finally {
    opened.close();
  }
}
