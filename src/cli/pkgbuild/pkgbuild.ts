/** `dkms-pkgbuild`: makes packages of module sources, and checks them. */
import { projectVersion } from "../../model/project.ts";
import { setUmask } from "../../system/environment.ts";
import { write, writeLine } from "../../system/output.ts";
import { guarded } from "../frame/guarded.ts";
import { helpText } from "../frame/option-table.ts";
import { parsePkgbuildArguments, pkgbuildProgram } from "./options.ts";

/** Runs `dkms-pkgbuild` with the words after its name; returns its exit status: 1 when a package has errors, 2 for a wrong command line. */
export function pkgbuild(argv: readonly string[]): Promise<number> {
  return guarded(async () => {
    setUmask();
    const given = parsePkgbuildArguments(argv);
    switch (given.kind) {
      case "help":
        write("out", helpText(pkgbuildProgram));
        return 0;
      case "version":
        writeLine("out", `dkms-pkgbuild ${projectVersion}`);
        return 0;
      case "new": {
        const { makeNewPackage } = await import("./new.ts");
        return makeNewPackage(given);
      }
      case "lint": {
        const { lintPackages } = await import("./lint.ts");
        return lintPackages(given);
      }
    }
  });
}
