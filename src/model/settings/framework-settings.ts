/** The settings of framework.conf, each with where it came from. */

/** Keys that framework.conf may set, as the reference names them. */
export const frameworkKeys = [
  "source_tree",
  "dkms_tree",
  "install_tree",
  "tmp_location",
  "verbose",
  "symlink_modules",
  "autoinstall_all_kernels",
  "modprobe_on_install",
  "parallel_jobs",
  "compress_gzip_opts",
  "compress_xz_opts",
  "compress_zstd_opts",
  "try_sign_modules",
  "build_environment",
  "post_transaction",
  "sign_file",
  "mok_signing_key",
  "mok_certificate",
] as const;

/** A key of framework.conf. */
export type FrameworkKey = (typeof frameworkKeys)[number];

/** A value and its source: the path of a file, `environment` or `default`. */
export interface Setting<T> {
  readonly value: T;
  readonly from: string;
}

/** Settings that are the same for every kernel. */
export interface FrameworkSettings {
  readonly sourceTree: Setting<string>;
  readonly dkmsTree: Setting<string>;
  readonly installTree: Setting<string>;
  readonly tmpLocation: Setting<string>;
  readonly verbose: Setting<"yes" | "no">;
  readonly symlinkModules: Setting<"yes" | "no">;
  readonly autoinstallAllKernels: Setting<"yes" | "no">;
  readonly modprobeOnInstall: Setting<"yes" | "no">;
  /** Jobs of one make, 0 for as many as it likes; undefined when nobody says. */
  readonly parallelJobs: Setting<number | undefined>;
  /** Options of the compressors, as words of a command line. */
  readonly gzipOptions: Setting<string>;
  readonly xzOptions: Setting<string>;
  readonly zstdOptions: Setting<string>;
  readonly trySignModules: Setting<"always" | "never" | "outside-chroot">;
  /** The files that were read, in order: the late settings are read from them again. */
  readonly files: readonly string[];
  /** What was wrong with files and values, in words; the default holds there. */
  readonly warnings: readonly string[];
}

/** Settings that may use `$kernelver`: they are evaluated for one kernel, when they are needed. */
export interface LateSettings {
  readonly signFile: Setting<string> | undefined;
  readonly signingKey: Setting<string> | undefined;
  readonly certificate: Setting<string> | undefined;
  /** A shell command. */
  readonly postTransaction: Setting<string> | undefined;
  /** A shell file whose exported variables the build gets. */
  readonly buildEnvironment: Setting<string> | undefined;
  readonly warnings: readonly string[];
}
