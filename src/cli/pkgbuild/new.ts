/** `dkms-pkgbuild new`: from module sources to a directory in which makepkg makes their package. */
import { join } from "node:path";
import { inClosedRoom } from "../../act/sandbox/closed-room.ts";
import { writePackage } from "../../act/package/write-source-package.ts";
import { newPackage } from "../../decide/packaging/new-package.ts";
import { DkmsError } from "../../model/errors.ts";
import { openPackagedSource } from "../../observe/packaging/packaged-source.ts";
import { workingDirectory } from "../../system/environment.ts";
import { fileKind } from "../../system/files/files.ts";
import { writeLine } from "../../system/output.ts";
import { printable } from "../../tell/errors.ts";
import { absolutePath } from "../frame/given-paths.ts";
import type { PkgbuildArguments } from "./options.ts";

/** Writes the package and returns 0. Throws `already-there` when a PKGBUILD is in its place, and what reading and writing throws. */
export async function makeNewPackage(given: Extract<PkgbuildArguments, { kind: "new" }>): Promise<number> {
  const here = workingDirectory();
  const path = absolutePath(given.source, here);
  const opened = await openPackagedSource(path, (paths) => inClosedRoom([], { shown: paths }));
  try {
    const made = newPackage(opened.source, given);
    const target = absolutePath(given.output ?? made.packageName, here);
    if (given.force === "no" && fileKind(join(target, "PKGBUILD")) !== "none") {
      throw new DkmsError("file-failed", `${target} has a PKGBUILD already.`, {
        hint: "Write elsewhere with --output DIR, or over it with --force.",
      });
    }
    const paths = await writePackage({
      ...made,
      target,
      given: opened.source.tarball,
      sources: opened.directory,
    });
    if (given.quiet === "no") {
      for (const written of paths) writeLine("out", printable(written));
      writeLine("err", printable(`==> Build and install it: cd ${target} && makepkg -si`));
    }
    return 0;
  } finally {
    opened.close();
  }
}
