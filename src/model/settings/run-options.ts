/** Options of the command line that bear on more than one command. */

/** The options of one run. */
export interface RunOptions {
  readonly force: boolean;
  /** Whether the version of an object that is there already matters (`--force-version-override`). */
  readonly versionCheck: boolean;
  readonly depmod: "run" | "skip";
  readonly modprobe: boolean;
  /** Whether installed objects are copies, or links into the dkms tree. */
  readonly objects: "copied" | "linked";
  /** A dkms.conf to use instead of the source's own (`-c`). */
  readonly confFile: string | undefined;
  /** Headers to build against instead of the kernel's own (`--kernelsourcedir`). */
  readonly kernelSource: string | undefined;
  /** A kernel configuration to read instead of the headers' own (`--config`). */
  readonly kernelConfig: string | undefined;
  /** NAME=VALUE texts of `--directive`. */
  readonly directives: readonly string[];
}
