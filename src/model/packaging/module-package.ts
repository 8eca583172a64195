/** A package of module sources as a packager has it: a PKGBUILD with what lies beside it, a built package, or a source directory. */
import type { RawConf } from "../conf/raw-conf.ts";

/** A text and the name by which findings tell of it. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** What a PKGBUILD or a .PKGINFO says. */
export interface PackageFacts {
  /** More than one for a split package. */
  readonly names: readonly string[];
  /** Neither epoch nor release: what PACKAGE_VERSION is compared with. */
  readonly version: string;
  readonly depends: readonly string[];
  readonly makeDepends: readonly string[];
}

/** The file that describes the package. */
export interface Description {
  readonly kind: "recipe" | "package";
  readonly file: NamedText;
  /** A text says why it could not be read. */
  readonly facts: PackageFacts | string;
}

/** A directory of module sources. */
export interface ModuleSource {
  /** Its name below /usr/src; undefined while a PKGBUILD has still to put it there. */
  readonly folder: string | undefined;
  readonly conf: NamedText | undefined;
  /** The conf as bash evaluates it; a text says why it could not be. */
  readonly raw: RawConf | string | undefined;
  readonly makefiles: readonly NamedText[];
}

/** Everything that is judged. */
export interface ModulePackage {
  /** The path that was given. */
  readonly path: string;
  readonly description: Description | undefined;
  readonly scriptlets: readonly NamedText[];
  /** What a built package installs, without directories and without a slash in front; empty for the others. */
  readonly files: readonly string[];
  readonly sources: readonly ModuleSource[];
}

/** One thing that is not as it should be. */
export interface PackageFinding {
  readonly path: string;
  /** 1 is the first; undefined for what concerns the file as a whole. */
  readonly line: number | undefined;
  /** `error`: it breaks the guidelines or the machine of a user; `warning`: it will surprise one. */
  readonly severity: "error" | "warning";
  readonly code: PackageFindingCode;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

/** What a finding is about, for programs. */
type PackageFindingCode =
  | "deprecated"
  | "unreadable"
  | "package-name"
  | "no-dkms-dependency"
  | "headers-dependency"
  | "literal-version"
  | "version-differs"
  | "folder-name"
  | "no-conf"
  | "conf-invalid"
  | "not-autoinstalled"
  | "destination"
  | "own-jobs"
  | "undeclared-dependency"
  | "running-kernel"
  | "dkms-command"
  | "built-module"
  | "outside-source";
