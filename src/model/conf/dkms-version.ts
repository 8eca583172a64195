/** How DKMS compares versions: neither pacman's nor semver's rule, but the order of the padded text. */
import { compareBytes } from "../order.ts";

/**
 * The form in which versions are compared as texts: every run of one or two digits is padded with zeros to three, longer ones stay.
 * `6.1.0-50-amd64` becomes `006.001.000-050-amd064`. So 1000 and more compare wrongly with less: known, and the same in every dkms.
 */
export function versionForm(version: string): string {
  return version.replace(/\d+/g, (digits) => digits.padStart(3, "0"));
}

/** Negative when `a` is the older version, positive when it is the newer one, 0 when both have the same form. A prefix is older: `6.1` < `6.1.0`. */
export function compareDkmsVersions(a: string, b: string): number {
  return compareBytes(versionForm(a), versionForm(b));
}
