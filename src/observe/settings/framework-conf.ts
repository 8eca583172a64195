/** Reads framework.conf and its drop-ins: what an administrator has set for all modules, each value with the file that it comes from. */
import { frameworkKeys } from "../../model/settings/framework-settings.ts";
import type {
  FrameworkKey,
  FrameworkSettings,
  LateSettings,
  Setting,
} from "../../model/settings/framework-settings.ts";
import type { BashOptions } from "../../system/process/bash.ts";
import { callerEnvironment, childEnvironment } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { listDirectory, mayAccess, targetKind } from "../../system/files/files.ts";
import { quietly } from "../../system/files/quietly.ts";
import { evaluateTogether } from "../conf/shell-evaluation.ts";

type Values = ReadonlyMap<FrameworkKey, Setting<string>>;

/** The values of keys that nobody sets; the environment cannot change these. */
const defaults: Readonly<Partial<Record<FrameworkKey, string>>> = {
  source_tree: "/usr/src",
  dkms_tree: "/var/lib/dkms",
  install_tree: "/usr/lib/modules",
  verbose: "",
  symlink_modules: "",
  compress_gzip_opts: "",
  compress_xz_opts: "--check=crc32 --lzma2=dict=1MiB",
  compress_zstd_opts: "-q --rm -T0",
  try_sign_modules: "",
  build_environment: "",
};

/**
 * The key that may also come from the caller's environment, as scripts of packagers export it; a file beats it. Others that the reference takes from there
 * decide what root runs and signs with.
 */
const environmentKey: FrameworkKey = "parallel_jobs";

/** The files that exist below `/etc/dkms` (or what stands for it), in the order in which they are read. */
export function frameworkFiles(directory: string): readonly string[] {
  const dropIns = (quietly(() => listDirectory(`${directory}/framework.conf.d`)) ?? [])
    .filter((name) => name.endsWith(".conf") && !name.startsWith("."))
    .map((name) => `${directory}/framework.conf.d/${name}`);
  return [`${directory}/framework.conf`, ...dropIns].filter((path) => quietly(() => targetKind(path)) === "file");
}

/** A directory with settings that this user may not look into. */
function closedDirectory(directory: string): string | undefined {
  const dropIns = `${directory}/framework.conf.d`;
  if (targetKind(directory) === "directory" && !mayAccess(directory, "execute")) return directory;
  return targetKind(dropIns) === "directory" && !mayAccess(dropIns, "read") ? dropIns : undefined;
}

/** Reads the settings that are the same for every kernel. Starts no bash when there is no file, or none that sets anything. Options' environment is also where TMPDIR and others come from. */
export async function readFrameworkConf(
  directory: string,
  options: Pick<BashOptions, "cwd" | "environment"> = {},
): Promise<FrameworkSettings> {
  const files = frameworkFiles(directory);
  const { values, warnings } = await evaluate(files, {}, options);
  const closed = closedDirectory(directory);
  if (closed !== undefined) warnings.push(`${closed} cannot be looked into: settings in it do not count.`);
  const flag = (key: FrameworkKey): Setting<"yes" | "no"> => {
    const { value, from } = settingOf(values, key);
    return { value: value === "" ? "no" : "yes", from };
  };
  const directoryOf = (key: FrameworkKey, fallback: string): Setting<string> => {
    const { value, from } = settingOf(values, key);
    const path = value.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");
    if (path.startsWith("/") && !path.split("/").includes("..")) return { value: path, from };
    warnings.push(`${key} is "${value}" in ${from}: an absolute path without ".." is needed, so ${fallback} is used.`);
    return { value: fallback, from: "default" };
  };
  const sign = settingOf(values, "try_sign_modules");
  return {
    sourceTree: directoryOf("source_tree", "/usr/src"),
    dkmsTree: directoryOf("dkms_tree", "/var/lib/dkms"),
    installTree: directoryOf("install_tree", "/usr/lib/modules"),
    tmpLocation: directoryOf("tmp_location", "/tmp"),
    verbose: flag("verbose"),
    symlinkModules: flag("symlink_modules"),
    autoinstallAllKernels: flag("autoinstall_all_kernels"),
    modprobeOnInstall: flag("modprobe_on_install"),
    parallelJobs: jobs(settingOf(values, "parallel_jobs"), warnings),
    gzipOptions: settingOf(values, "compress_gzip_opts"),
    xzOptions: settingOf(values, "compress_xz_opts"),
    zstdOptions: settingOf(values, "compress_zstd_opts"),
    trySignModules: {
      value: sign.value === "true" ? "always" : sign.value === "false" ? "never" : "outside-chroot",
      from: sign.from,
    },
    files,
    warnings,
  };
}

/**
 * Reads the settings that may use `$kernelver`, from the files that `readFrameworkConf` found. `variables` are dkms' own: `kernelver`, `arch`, ...
 * A setting that nobody made is undefined.
 */
export async function readLateSettings(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  options: Pick<BashOptions, "cwd" | "environment"> = {},
): Promise<LateSettings> {
  const { values, warnings } = await evaluate(files, variables, options);
  const optional = (key: FrameworkKey): Setting<string> | undefined => {
    const setting = settingOf(values, key);
    return setting.value === "" ? undefined : setting;
  };
  return {
    signFile: optional("sign_file"),
    signingKey: optional("mok_signing_key"),
    certificate: optional("mok_certificate"),
    postTransaction: optional("post_transaction"),
    buildEnvironment: optional("build_environment"),
    warnings,
  };
}

async function evaluate(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  options: Pick<BashOptions, "cwd" | "environment">,
): Promise<{ values: Values; warnings: string[] }> {
  const environment = options.environment ?? childEnvironment();
  const values = new Map<FrameworkKey, Setting<string>>();
  for (const [key, value] of Object.entries(defaults)) values.set(key as FrameworkKey, { value, from: "default" });
  const temporary = environment["TMPDIR"] ?? "";
  values.set(
    "tmp_location",
    temporary === "" ? { value: "/tmp", from: "default" } : { value: temporary, from: "environment" },
  );
  const jobsWanted = (options.environment ?? callerEnvironment())[environmentKey] ?? "";
  if (jobsWanted !== "") values.set(environmentKey, { value: jobsWanted, from: "environment" });
  const warnings: string[] = [];
  // As it is delivered, framework.conf is all comments.
  if (files.every(isSilent)) return { values, warnings };

  const start = Object.fromEntries(Array.from(values, ([key, { value }]) => [key, value]));
  const request = { kind: "framework", files, variables: { ...start, ...variables }, directives: [] } as const;
  const answer = await evaluateTogether(request, { ...options, environment });
  let file = files[0] ?? "";
  const words = answer?.words ?? [];
  for (let at = 0; at < words.length;) {
    const [kind, name = "", detail = "", , content] = words.slice(at, at + 5);
    if (kind === "file") {
      file = name.slice(1);
      at += 2;
    } else if (kind === "problem") {
      warnings.push(problemText(name, detail.slice(1), file));
      at += 3;
    } else if (content?.startsWith("=") === true) {
      const key = frameworkKeys.find((known) => known === name);
      if (key !== undefined && detail === "0") values.set(key, { value: content.slice(1), from: file });
      at += 5;
    } else {
      warnings.push(`The value of ${name} in ${file} cannot be expanded as in double quotes. It is ignored.`);
      at += 4;
    }
  }
  if (answer?.end !== "complete")
    warnings.push(`${file} ended the shell that reads it: settings after that do not count.`);
  return { values, warnings };
}

/** Nothing but comments and blank lines. */
function isSilent(path: string): boolean {
  const text = mayAccess(path, "read") ? readText(path) : undefined;
  return text?.split("\n").every((line) => /^\s*(#|$)/.test(line)) === true;
}

function settingOf(values: Values, key: FrameworkKey): Setting<string> {
  return values.get(key) ?? { value: "", from: "default" };
}

function jobs({ value, from }: Setting<string>, warnings: string[]): Setting<number | undefined> {
  if (value === "") return { value: undefined, from };
  if (/^\d{1,6}$/.test(value)) return { value: Number(value), from };
  warnings.push(`parallel_jobs is "${value}" in ${from}: a number is needed. It is ignored.`);
  return { value: undefined, from: "default" };
}

function problemText(kind: string, detail: string, file: string): string {
  switch (kind) {
    case "syntax":
      return `${file} has a syntax error; what stands before it counts.`;
    case "exited":
      return `${file} ended the shell that reads it (status ${detail}), so nothing in it counts.`;
    default:
      return `${file} cannot be read.`;
  }
}
