/** All settings in words, each with where it came from, under the names that the files use. */
import type { FrameworkKey, FrameworkSettings, LateSettings, Setting } from "../model/settings/framework-settings.ts";
import type { OwnSettings } from "../model/settings/own-settings.ts";
import { printable } from "./errors.ts";

/** A setting as the file that may change it names it. */
export interface NamedSetting {
  /** `framework.conf` or `dkms-alpm.conf`: where it can be set, which is not where it came from. */
  readonly file: "framework.conf" | "dkms-alpm.conf";
  readonly name: string;
  readonly value: string;
  /** A path, `environment` or `default`. */
  readonly from: string;
}

type Settled<T> = Exclude<keyof T, "files" | "warnings">;

const frameworkNames: Readonly<Record<Settled<FrameworkSettings>, FrameworkKey>> = {
  sourceTree: "source_tree",
  dkmsTree: "dkms_tree",
  installTree: "install_tree",
  tmpLocation: "tmp_location",
  verbose: "verbose",
  symlinkModules: "symlink_modules",
  autoinstallAllKernels: "autoinstall_all_kernels",
  modprobeOnInstall: "modprobe_on_install",
  parallelJobs: "parallel_jobs",
  gzipOptions: "compress_gzip_opts",
  xzOptions: "compress_xz_opts",
  zstdOptions: "compress_zstd_opts",
  trySignModules: "try_sign_modules",
};

const lateNames: Readonly<Record<Settled<LateSettings>, FrameworkKey>> = {
  signFile: "sign_file",
  signingKey: "mok_signing_key",
  certificate: "mok_certificate",
  postTransaction: "post_transaction",
  buildEnvironment: "build_environment",
};

/** All settings by name; `late` are those that may differ by kernel, for one of them. */
export function namedSettings(
  framework: FrameworkSettings,
  late: LateSettings,
  own: OwnSettings,
): readonly NamedSetting[] {
  return [
    ...named("framework.conf", frameworkNames, framework),
    ...named("framework.conf", lateNames, late),
    ...ownSettings(own),
  ];
}

/** `dkms_tree = /var/lib/dkms   (default)`, in columns. */
export function settingLines(settings: readonly NamedSetting[]): readonly string[] {
  const rows = settings.map(({ name, value, from }) => [printable(`${name} = ${value}`), printable(from)] as const);
  const width = Math.min(60, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, from]) => `${left.padEnd(width)}  (${from})`);
}

type Value = string | number | readonly string[] | undefined;

function named<Key extends string>(
  file: NamedSetting["file"],
  names: Readonly<Record<Key, string>>,
  settings: Readonly<Record<Key, Setting<Value> | undefined>>,
): readonly NamedSetting[] {
  return (Object.entries(names) as [Key, string][]).map(([key, name]) => {
    const setting = settings[key];
    const text = valueText(setting?.value);
    return { file, name, value: text, from: setting?.from ?? "default" };
  });
}

/** Keys of dkms-alpm.conf are called here as there, but for the first letter: `guard.timeLimit` is `[Guard] TimeLimit`, and what has no section is `[Build]`. */
function ownSettings(own: OwnSettings): readonly NamedSetting[] {
  return Object.entries(own).flatMap(([key, content]: [string, OwnSettings[keyof OwnSettings]]) => {
    if (key === "warnings") return [];
    if (isSetting(content)) return [ownSetting("Build", key, content)];
    return Object.entries(content).map(([inner, setting]) => ownSetting(capitalised(key), inner, setting));
  });
}

function ownSetting(section: string, key: string, { value, from }: Setting<Value>): NamedSetting {
  return { file: "dkms-alpm.conf", name: `[${section}] ${capitalised(key)}`, value: valueText(value), from };
}

function isSetting(content: object): content is Setting<Value> {
  return "value" in content && "from" in content;
}

function valueText(value: Value): string {
  return typeof value === "object" ? value.join(" ") : String(value ?? "");
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
