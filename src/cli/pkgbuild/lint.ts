/** `dkms-pkgbuild lint`: what breaks the guidelines in packages of module sources. */
import { lintModulePackage } from "../../decide/packaging/lint.ts";
import type { PackageFinding } from "../../model/packaging/module-package.ts";
import { readModulePackage } from "../../observe/packaging/module-package.ts";
import { workingDirectory } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { findingLines, lintSummary, type LintedFile } from "../../tell/lint-findings.ts";
import { printable } from "../../tell/errors.ts";
import { absolutePath } from "../frame/given-paths.ts";
import type { PkgbuildArguments } from "./options.ts";

/** Checks the packages; returns 1 when one has an error. */
export async function lintPackages(given: Extract<PkgbuildArguments, { kind: "lint" }>): Promise<number> {
  const packages = [];
  for (const path of given.paths) {
    if (given.verbose) writeLine("err", printable(`==> Checking ${path}`));
    const subject = await readModulePackage(absolutePath(path, workingDirectory()));
    packages.push({ path: subject.path, findings: lintModulePackage(subject) });
  }
  const findings = packages.flatMap((checked) => checked.findings);
  if (given.json) writeLine("out", JSON.stringify({ format: 1, packages }, undefined, 2));
  else {
    const told = !given.quiet ? findings : findings.filter(({ severity }) => severity === "error");
    for (const { stream, text } of findingLines(byFile(told))) writeLine(stream, text);
    if (!given.quiet) writeLine("err", lintSummary(packages, "package"));
  }
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

function byFile(findings: readonly PackageFinding[]): readonly LintedFile[] {
  return findings.map((finding) => ({ path: finding.path, findings: [finding] }));
}
