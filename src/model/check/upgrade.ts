/** What an upgrade would do, as pacman itself resolves it. */

/** A package that it installs. */
export interface UpgradePackage {
  readonly repository: string;
  readonly name: string;
  readonly version: string;
  /** Bytes of its archive. */
  readonly size: number;
  /** The name of its archive. */
  readonly file: string;
}

/** The pacman whose settings and installed packages count, with databases of our own. */
export interface PrivatePacman {
  /** Options for every call: settings file, databases, log. */
  readonly options: readonly string[];
  /** Where installed packages are known, pacman's DBPath. */
  readonly database: string;
  /** Download caches; archives are put into the first one. */
  readonly caches: readonly [string, ...string[]];
  /** All of its settings, as pacman-conf(8) prints them. */
  readonly settings: string;
}

/** An upgrade. */
export interface Upgrade {
  readonly packages: readonly UpgradePackage[];
  /** The versions of installed packages, by name. */
  readonly installed: ReadonlyMap<string, string>;
}
