/** Which form of the generated tests and long tables runs: the short one of `scripts/test`, or the long one of `scripts/test --long`. */

/** Whether everything is to be tried: every fault, every row, every generated case. */
export const isLong = process.env["DKMS_ALPM_LONG"] === "1";

/** What generated cases begin with: `$DKMS_ALPM_SEED`; otherwise the short form always tries the same, and the long form always others. */
export const seed = Number(process.env["DKMS_ALPM_SEED"] ?? (isLong ? Date.now() % 1_000_000_007 : 1));

/** What of a table is tried: in the short form one row in `each`, which ones the seed decides. */
export function share<T>(rows: readonly T[], each: number): readonly T[] {
  return isLong ? rows : rows.filter((_, index) => index % each === seed % each);
}
