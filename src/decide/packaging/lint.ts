/** Judges a package of module sources: what breaks the guidelines for such packages, and what makes trouble for those who install it. */
import type { ModulePackage, PackageFinding } from "../../model/packaging/module-package.ts";
import { compareBytes } from "../../model/order.ts";
import { fileFindings } from "./lint-files.ts";
import { recipeFindings } from "./lint-recipe.ts";
import { scriptFindings } from "./lint-scripts.ts";
import { sourceFindings } from "./lint-source.ts";

/** All findings of a package, by file and line. */
export function lintModulePackage(subject: ModulePackage): readonly PackageFinding[] {
  const { description, scriptlets, sources } = subject;
  const version = typeof description?.facts === "object" ? description.facts.version : undefined;
  return [
    ...(description === undefined ? [] : recipeFindings(description)),
    ...scriptlets.flatMap((file) => scriptFindings(file)),
    ...sources.flatMap((source) => sourceFindings(source, version)),
    ...fileFindings(subject),
  ].toSorted((a, b) => compareBytes(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0));
}
