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

/** A kernel version of OBSOLETE_BY: `6.1.0-50` is upstream `6.1.0`, abi `50`; split at the first dash. */
export interface SplitVersion {
  readonly upstream: string;
  readonly abi: string | undefined;
}

/** Splits at the first dash; without one, or with nothing behind it, there is no abi. */
export function splitVersion(version: string): SplitVersion {
  const dash = version.indexOf("-");
  if (dash < 0) return { upstream: version, abi: undefined };
  const abi = version.slice(dash + 1);
  return { upstream: version.slice(0, dash), abi: abi === "" ? undefined : abi };
}

/** Whether a kernel is one from which on a module is obsolete because the kernel has it itself. */
export function isObsolete(release: string, obsoleteBy: string): boolean {
  const kernel = splitVersion(release);
  const limit = splitVersion(obsoleteBy);
  const order = compareDkmsVersions(kernel.upstream, limit.upstream);
  if (order !== 0) return order > 0;
  return limit.abi === undefined || compareDkmsVersions(kernel.abi ?? "", limit.abi) >= 0;
}
