/** The kernel objects that a dkms.conf names: where each is built, what it is called, where it goes. */
import type { Constraint } from "./constraints.ts";
import { objectConstraints } from "./constraints.ts";
import { nameFault } from "../names.ts";
import { resolvedLocation } from "../settings/install-location.ts";
import type { DirectiveName, RawConf } from "./raw-conf.ts";

/** One kernel object. */
export interface ObjectDirectives {
  /** Without `.ko`; may hold directories. */
  readonly builtName: string;
  /** Directory below the build directory that ends in `/`, or nothing for the build directory itself. */
  readonly builtLocation: string;
  /** The file name without `.ko` under which it is kept and installed. */
  readonly destName: string;
  /** Begins with `/kernel`, `/updates` or `/extra`; distributions with a place of their own ignore it. */
  readonly destLocation: string;
  readonly strip: boolean;
  /** For which kernels this object may be built, beyond what holds for the whole module. */
  readonly constraints: readonly Constraint[];
}

const indexed = [
  "BUILT_MODULE_NAME",
  "BUILT_MODULE_LOCATION",
  "DEST_MODULE_NAME",
  "DEST_MODULE_LOCATION",
] as const satisfies readonly DirectiveName[];

/** More objects than any module has: a conf with a huge index is a mistake, which must not cost minutes and gigabytes. */
const mostObjects = 10_000;

/** The objects and everything that is wrong with them. Their number is the highest index that one of the four directives uses, plus one. */
export function readObjects(
  raw: RawConf,
  packageName: string,
): { objects: readonly ObjectDirectives[]; errors: readonly string[] } {
  const value = (name: DirectiveName, index: number): string => raw.directives.get(name)?.values.get(index) ?? "";
  let count = 0;
  for (const name of indexed)
    for (const index of raw.directives.get(name)?.values.keys() ?? []) count = Math.max(count, index + 1);
  if (count > mostObjects)
    return {
      objects: [],
      errors: [`The highest index of a module is ${count - 1}; more than ${mostObjects} modules cannot be.`],
    };

  const objects: ObjectDirectives[] = [];
  const errors: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const builtName = value("BUILT_MODULE_NAME", index) || (count === 1 ? packageName : "");
    const builtLocation = value("BUILT_MODULE_LOCATION", index);
    const destName = value("DEST_MODULE_NAME", index) || builtName;
    const destLocation = value("DEST_MODULE_LOCATION", index);
    const hasDestName = value("DEST_MODULE_NAME", index) !== "";
    errors.push(
      ...builtNameErrors(builtName, index),
      ...destNameErrors(destName, index, hasDestName ? "DEST_MODULE_NAME" : "BUILT_MODULE_NAME"),
      ...destLocationErrors(destLocation, index),
      ...pathErrors("BUILT_MODULE_LOCATION", builtLocation, index),
    );
    objects.push({
      builtName,
      builtLocation: builtLocation === "" || builtLocation.endsWith("/") ? builtLocation : `${builtLocation}/`,
      destName,
      destLocation,
      strip: stripOf(raw, index),
      constraints: objectConstraints(raw, index),
    });
  }
  return { objects, errors };
}

/** Decided by the first letter; without one by that of STRIP[0]; else yes. */
function stripOf(raw: RawConf, index: number): boolean {
  const values = raw.directives.get("STRIP")?.values;
  const value = values?.get(index) || values?.get(0) || "yes";
  return !/^n/i.test(value);
}

function builtNameErrors(name: string, index: number): string[] {
  if (name === "") return [`BUILT_MODULE_NAME[${index}] is missing.`];
  return [...suffixErrors("BUILT_MODULE_NAME", name, index), ...pathErrors("BUILT_MODULE_NAME", name, index)];
}

function destNameErrors(name: string, index: number, directive: DirectiveName): string[] {
  if (name === "") return [];
  if (directive === "DEST_MODULE_NAME") {
    const suffix = suffixErrors(directive, name, index);
    if (suffix.length > 0) return suffix;
  }
  // The longest suffix that the file will get counts.
  const fault = nameFault(`${name}.ko.zst`);
  return fault === undefined ? [] : [`${directive}[${index}] "${name}" cannot be the name of a file: it ${fault}.`];
}

function destLocationErrors(location: string, index: number): string[] {
  const directive = "DEST_MODULE_LOCATION";
  if (location === "") return [`${directive}[${index}] is missing.`];
  if (!/^\/(kernel|updates|extra)/.test(location))
    return [`${directive}[${index}] "${location}" does not begin with /kernel, /updates or /extra.`];
  if (resolvedLocation(location) === undefined)
    return [`${directive}[${index}] "${location}" leads out of the kernel's directory.`];
  return controlErrors(directive, location, index);
}

function suffixErrors(directive: DirectiveName, name: string, index: number): string[] {
  return /\.k?o$/.test(name) ? [`${directive}[${index}] "${name}" ends in .o or .ko, which is added by itself.`] : [];
}

function pathErrors(directive: DirectiveName, path: string, index: number): string[] {
  if (path.split("/").includes("..")) return [`${directive}[${index}] "${path}" leads out of its directory by "..".`];
  return controlErrors(directive, path, index);
}

function controlErrors(directive: DirectiveName, path: string, index: number): string[] {
  if (/[\u0000-\u001f\u007f]/.test(path))
    return [`${directive}[${index}] ${JSON.stringify(path)} contains a control character.`];
  return [];
}
