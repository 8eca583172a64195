/** What a transaction has brought. */

/** Packages that were installed, upgraded, downgraded or installed again, and all that they own. */
export interface ArrivedPackages {
  readonly packages: ReadonlySet<string>;
  /** As in package lists: without leading slash, directories with a slash at their end. */
  readonly paths: readonly string[];
}
