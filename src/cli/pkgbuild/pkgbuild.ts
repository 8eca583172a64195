/** `dkms-pkgbuild`: makes packages of module sources, and checks them. */
import { runProgram } from "../frame/program.ts";
import { pkgbuildArguments, pkgbuildProgram } from "./options.ts";

/** Runs `dkms-pkgbuild` with the words after its name; returns its exit status: 1 when a package has errors, 2 for a wrong command line. */
export function pkgbuild(argv: readonly string[]): Promise<number> {
  // With a value it is an option of `new`; alone it is what every program has.
  const words = argv.length === 1 && argv[0] === "--version" ? ["-V"] : argv;
  return runProgram(pkgbuildProgram, words, async (options) => {
    const given = pkgbuildArguments(options);
    if (given.kind === "new") {
      const { makeNewPackage } = await import("./new.ts");
      return makeNewPackage(given);
    }
    const { lintPackages } = await import("./lint.ts");
    return lintPackages(given);
  });
}
