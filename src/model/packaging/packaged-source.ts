/** Module sources that a package is to be made of. */
import type { ModuleSource } from "./module-package.ts";

/** What was found in a source directory or tarball. */
export interface PackagedSource extends Omit<ModuleSource, "folder"> {
  /** What was given, for messages. */
  readonly path: string;
  /** The name of its directory: `v4l2loopback-0.12.7`. */
  readonly directoryName: string;
  /** The tarball that was given, when makepkg can take it as it is: a plain name, and one directory in it. */
  readonly tarball: string | undefined;
  /** The directories that hold makefiles of the kernel's build system (Kbuild, Makefile), relative and ending in a slash, empty for the source's own; and their texts. */
  readonly kbuild: ReadonlyMap<string, string>;
  /** What the first MODULE_LICENSE says. */
  readonly license: string | undefined;
}
