/** Names that become paths: module names, module versions, kernel releases and architectures are checked here, once, at the edge. */
import { DkmsError } from "./errors.ts";

/** The name of a DKMS package, `PACKAGE_NAME` in its dkms.conf: `zfs`. */
export type ModuleName = string & { readonly brand: "module name" };
/** The version of a DKMS package, `PACKAGE_VERSION`: `2.2.2`, `0.1-rc2`. A text, never a number. */
export type ModuleVersion = string & { readonly brand: "module version" };
/** A kernel release as `uname -r` prints it: `6.6.1-arch1-1`. */
export type Release = string & { readonly brand: "kernel release" };
/** An architecture as `uname -m` prints it: `x86_64`. */
export type Arch = string & { readonly brand: "architecture" };

/** Longest file name that Linux file systems take, in bytes. */
const longestName = 255;

/**
 * Why a text cannot be the name of one directory below a tree of ours, or undefined when it can.
 * Forbidden are the empty text, `.` and `..`, slashes, control characters, a leading dash (a program would take it for an option) and more than 255 bytes.
 */
export function nameFault(text: string): string | undefined {
  // Nearly all names are like this, and thousands are looked at where there are many kernels.
  if (/^\w[\w.+~:-]{0,200}$/.test(text)) return undefined;
  if (text === "") return "is empty";
  if (text === "." || text === "..") return "leads to another directory";
  if (text.includes("/")) return "contains a slash";
  if (text.startsWith("-")) return "begins with a dash";
  if (/[\u0000-\u001f\u007f-\u009f]/u.test(text)) return "contains a control character";
  if (text.trim() !== text) return "begins or ends with a blank";
  if (byteLength(text) > longestName) return `is longer than ${longestName} bytes`;
  return undefined;
}

/** Why a text cannot be a module name: hidden directories of the tree are nobody's. */
export function moduleNameFault(text: string): string | undefined {
  return nameFault(text) ?? (text.startsWith(".") ? "begins with a dot" : undefined);
}

/** Why a text cannot be a module version: some names mean something else beside the versions of a module. */
export function moduleVersionFault(text: string): string | undefined {
  if (text === "original_module" || text.startsWith("kernel-")) return "means something else in the dkms tree";
  return moduleNameFault(text);
}

/** Checks a module name; throws `bad-name`. */
export function moduleName(text: string): ModuleName {
  return checked(text, "module name", moduleNameFault(text)) as ModuleName;
}

/** Checks a module version; throws `bad-name`. */
export function moduleVersion(text: string): ModuleVersion {
  return checked(text, "module version", moduleVersionFault(text)) as ModuleVersion;
}

/** Checks a kernel release; throws `bad-name`. */
export function kernelRelease(text: string): Release {
  return checked(text, "kernel release", nameFault(text)) as Release;
}

/** Checks an architecture; throws `bad-name`. */
export function architecture(text: string): Arch {
  return checked(text, "architecture", nameFault(text)) as Arch;
}

function checked(text: string, what: string, fault: string | undefined): string {
  if (fault === undefined) return text;
  throw new DkmsError("bad-name", `The ${what} ${JSON.stringify(text)} ${fault}.`, {
    hint: `A ${what} becomes the name of a directory: letters, digits, dots, dashes, underscores and plus signs are safe.`,
  });
}

/** Bytes of a text in UTF-8 (no TextEncoder: this module has no environment). */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
