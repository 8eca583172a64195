/** The directives of a dkms.conf in typed form, judged: what `interpretDirectives` makes of what bash found. */
import type { Constraint } from "./constraints.ts";
import { moduleConstraints } from "./constraints.ts";
import { deprecations } from "./deprecated.ts";
import { chosenMake, chosenPatches, expressionWarnings } from "./match-directives.ts";
import { moduleName, moduleNameFault, moduleVersion, moduleVersionFault } from "../names.ts";
import type { ModuleName, ModuleVersion } from "../names.ts";
import { readObjects } from "./object-directives.ts";
import type { ObjectDirectives } from "./object-directives.ts";
import type { DirectiveName, RawConf } from "./raw-conf.ts";
import { scalar } from "./raw-conf.ts";

/** Everything that a dkms.conf says, for one kernel. */
export interface Directives {
  readonly name: ModuleName;
  readonly version: ModuleVersion;
  readonly objects: readonly ObjectDirectives[];
  /** The shell command that builds; undefined when the default `make -C <kernel_source_dir> M=<build directory>` applies. */
  readonly make: string | undefined;
  /** Names of patches below `patches/`, in the order in which they are applied. */
  readonly patches: readonly string[];
  readonly scripts: Readonly<Partial<Record<ScriptName, Script>>>;
  /** Names of the modules that must be installed first. */
  readonly buildDepends: readonly string[];
  /** Whether the module is built again when one of those changes. */
  readonly rebuild: "yes" | "no";
  /** `unset` matters: the hooks build such modules, `dkms autoinstall` does not. */
  readonly autoinstall: "yes" | "no" | "unset";
  /** For which kernels the module as a whole may be built; objects may have more. */
  readonly constraints: readonly Constraint[];
}

/** When a script of the module runs. */
export type ScriptName = "post-add" | "pre-build" | "post-build" | "pre-install" | "post-install" | "post-remove";

/** A program that comes with the module, and its arguments. */
export interface Script {
  /** Relative to the source or build directory. */
  readonly path: string;
  /** As one text: it is split at blanks, and globs expand where the script runs. */
  readonly words: string;
}

/** The result: no directives when there are errors. */
export interface Interpretation {
  readonly directives?: Directives;
  /** Each names its directive, index and value; all of them are there, not just the first. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Deprecated directives that the conf uses, with advice where there is any: `OBSOLETE_BY (use ...)`. Told by strict reads. */
  readonly deprecated: readonly string[];
}

const scriptDirectives = {
  "post-add": "POST_ADD",
  "pre-build": "PRE_BUILD",
  "post-build": "POST_BUILD",
  "pre-install": "PRE_INSTALL",
  "post-install": "POST_INSTALL",
  "post-remove": "POST_REMOVE",
} as const satisfies Record<ScriptName, DirectiveName>;

/** Judges an evaluated conf. A conf whose file does not exist has a problem of kind `unreadable`: look for that first. */
export function interpretDirectives(raw: RawConf): Interpretation {
  const errors = raw.problems.map((problem) => problem.message);
  const warnings = expressionWarnings(raw);
  const deprecated = deprecations(raw);
  // Without a word from the conf, complaints about missing directives would only hide the real reason.
  if (raw.problems.length > 0 && raw.directives.size === 0)
    return { errors: [...errors, ...shellComplaints(raw)], warnings, deprecated };

  const name = scalar(raw, "PACKAGE_NAME");
  const version = scalar(raw, "PACKAGE_VERSION");
  const nameErrors = identityErrors("PACKAGE_NAME", name, moduleNameFault(name));
  errors.push(...nameErrors, ...identityErrors("PACKAGE_VERSION", version, moduleVersionFault(version)));
  // What is wrong with the name is told once, not again for the object that is named after it.
  const { objects, errors: objectErrors } = readObjects(raw, nameErrors.length === 0 ? name : "unnamed");
  errors.push(...objectErrors);
  for (const directive of ["AUTOINSTALL", "BUILD_DEPENDS_REBUILD", "NO_WEAK_MODULES"] as const) {
    const value = scalar(raw, directive);
    if (yesNo(value) === undefined)
      errors.push(`${directive} is "${value}": only "yes", "no" or nothing can be there.`);
  }
  if (errors.length > 0) return { errors: [...errors, ...shellComplaints(raw)], warnings, deprecated };

  const dependencies = elements(raw, "BUILD_DEPENDS");
  for (const [index, value] of dependencies)
    if (words(value).length > 1)
      warnings.push(`BUILD_DEPENDS[${index}] "${value}" holds several names; they count one by one.`);
  const rebuild = yesNo(scalar(raw, "BUILD_DEPENDS_REBUILD"));
  const directives: Directives = {
    name: moduleName(name),
    version: moduleVersion(version),
    objects,
    make: chosenMake(raw),
    patches: chosenPatches(raw),
    scripts: readScripts(raw),
    buildDepends: [...new Set(dependencies.flatMap(([, value]) => words(value)))],
    rebuild: rebuild === "yes" ? "yes" : "no",
    autoinstall: yesNo(scalar(raw, "AUTOINSTALL")) ?? "unset",
    constraints: moduleConstraints(raw, objects.length),
  };
  return { directives, errors, warnings, deprecated };
}

/** What the actions that build and install refuse beyond that (add, build, install; not status, uninstall, unbuild, remove). */
export function strictFindings(directives: Directives): { errors: readonly string[]; warnings: readonly string[] } {
  const errors: string[] = [];
  const built = new Map<string, number>();
  const dest = new Map<string, number>();
  for (const [index, object] of directives.objects.entries()) {
    const path = `${object.builtLocation}${object.builtName}`;
    const sameBuilt = built.get(path);
    const sameDest = dest.get(object.destName);
    if (sameBuilt !== undefined)
      errors.push(`BUILT_MODULE_NAME[${index}] names the module ${path} a second time, after index ${sameBuilt}.`);
    if (sameDest !== undefined)
      errors.push(
        `DEST_MODULE_NAME[${index}] names the module ${object.destName} a second time, after index ${sameDest}.`,
      );
    built.set(path, sameBuilt ?? index);
    dest.set(object.destName, sameDest ?? index);
  }
  const warnings = directives.objects.length === 0 ? ["The dkms.conf names no kernel object to build."] : [];
  return { errors, warnings };
}

/** What bash itself had to say: only that names the lines. */
function shellComplaints({ stderr }: RawConf): readonly string[] {
  return stderr
    .split("\n")
    .filter((line) => /: line \d+: /.test(line))
    .slice(0, 5);
}

function identityErrors(directive: DirectiveName, value: string, fault: string | undefined): string[] {
  if (value === "") return [`${directive} is missing.`];
  return fault === undefined ? [] : [`${directive} "${value}" ${fault}; it becomes the name of a directory.`];
}

function readScripts(raw: RawConf): Directives["scripts"] {
  const scripts: Partial<Record<ScriptName, Script>> = {};
  for (const [name, directive] of Object.entries(scriptDirectives)) {
    const [path, ...rest] = words(scalar(raw, directive));
    if (path !== undefined) scripts[name as ScriptName] = { path, words: rest.join(" ") };
  }
  return scripts;
}

/** Undefined: neither. */
function yesNo(value: string): "yes" | "no" | "unset" | undefined {
  switch (value.toLowerCase()) {
    case "":
      return "unset";
    case "yes":
      return "yes";
    case "no":
      return "no";
    default:
      return undefined;
  }
}

function elements(raw: RawConf, directive: DirectiveName): readonly (readonly [number, string])[] {
  return Array.from(raw.directives.get(directive)?.values ?? []).toSorted(([a], [b]) => a - b);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
