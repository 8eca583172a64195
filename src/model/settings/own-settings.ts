/** The settings of /etc/dkms-alpm.conf: what the reference's framework.conf has no key for. */
import type { Setting } from "./framework-settings.ts";

/** Every setting with where it came from: the file or `default`. */
export interface OwnSettings {
  /** `[Build] Sandbox = auto|no` */
  readonly sandbox: Setting<"auto" | "no">;
  /** `[Build] Network = yes|no`: whether builds reach the network (distcc, icecream). */
  readonly network: Setting<"yes" | "no">;
  /** `[Build] Readable = PATH...`: what builds may read besides programs, headers and sources. */
  readonly readable: Setting<readonly string[]>;
  /** `[Build] Writable = PATH...`: what builds may write besides their own directory (ccache). */
  readonly writable: Setting<readonly string[]>;
  /** `[Build] Kernels = packaged|all`: whether hooks build for kernels that no package owns as well. */
  readonly kernels: Setting<"packaged" | "all">;
  /** `[Build] Cache = no|SIZE`: bytes that kept results may take, 0 for none at all. */
  readonly cache: Setting<number>;
  /** `[Build] TimeLimit = SECONDS` of one command of a build or one script of a module; 0 for no limit. */
  readonly timeLimit: Setting<number>;
  readonly package: PackageSettings;
  readonly guard: GuardSettings;
  /** What was wrong with the file, in words; the default holds there. */
  readonly warnings: readonly string[];
}

/** The settings of `dkms mkpkg`. */
interface PackageSettings {
  /** `[Package] Key = KEY`: the key of gpg that packages and repositories are signed with; undefined for no signatures. */
  readonly key: Setting<string | undefined>;
}

/** The settings of the test before a transaction. */
interface GuardSettings {
  /** `[Guard] Policy = required|all|warn|off`: whose failure refuses a transaction; `off` tests nothing. */
  readonly policy: Setting<GuardPolicy>;
  /** `[Guard] Require = NAME...`: modules, or packages of modules, that this machine needs. */
  readonly require: Setting<readonly string[]>;
  /** `[Guard] Unknown = warn|refuse`: what becomes of a transaction when a test cannot tell. */
  readonly unknown: Setting<"warn" | "refuse">;
  /** `[Guard] TimeLimit = SECONDS` of all test builds together; 0 for no limit. */
  readonly timeLimit: Setting<number>;
}

/** Whose failure refuses a transaction. */
export type GuardPolicy = (typeof guardPolicies)[number];
const guardPolicies = ["required", "all", "warn", "off"] as const;

/** A parsed settings file: section, key, value. */
export type SettingsText = Readonly<Record<string, unknown>>;

/** Judges what a settings file says; every key that is not known and every value that is not allowed is a warning. */
export function interpretOwnSettings(sections: SettingsText, from: string): OwnSettings {
  const warnings: string[] = [];
  const values = collectValues(sections, from, warnings);
  const choice = <T extends string>(key: string, allowed: readonly T[], fallback: T): Setting<T> => {
    const text = values.get(key);
    if (text === undefined) return { value: fallback, from: "default" };
    const value = allowed.find((candidate) => candidate === text.toLowerCase());
    if (value !== undefined) return { value, from };
    warnings.push(`${key} is "${text}" in ${from}: one of ${allowed.join(", ")} is needed, so ${fallback} holds.`);
    return { value: fallback, from: "default" };
  };
  const number = (key: string, read: typeof sizeOf, what: string, fallback: number): Setting<number> => {
    const text = values.get(key);
    if (text === undefined) return { value: fallback, from: "default" };
    const value = read(text);
    if (value !== undefined) return { value, from };
    warnings.push(`${key} is "${text}" in ${from}: ${what} is needed, so the default holds.`);
    return { value: fallback, from: "default" };
  };
  return {
    sandbox: choice("Build.Sandbox", ["auto", "no"], "auto"),
    network: choice("Build.Network", ["yes", "no"], "no"),
    readable: paths("Build.Readable", values, from, warnings),
    writable: paths("Build.Writable", values, from, warnings),
    kernels: choice("Build.Kernels", ["packaged", "all"], "packaged"),
    cache: number("Build.Cache", sizeOf, "a size such as 2G, or no,", defaultCache),
    timeLimit: number("Build.TimeLimit", secondsOf, "a number of seconds", 7200),
    package: { key: optional("Package.Key", values, from) },
    guard: {
      policy: choice("Guard.Policy", guardPolicies, "required"),
      require: words("Guard.Require", values, from),
      unknown: choice("Guard.Unknown", ["warn", "refuse"], "warn"),
      timeLimit: number("Guard.TimeLimit", secondsOf, "a number of seconds", 1800),
    },
    warnings,
  };
}

/** All keys, each with its section: `Build.Sandbox`. */
export const ownKeys: ReadonlySet<string> = new Set([
  ...["Build.Sandbox", "Build.Network", "Build.Readable", "Build.Writable", "Build.Kernels", "Build.Cache"],
  "Build.TimeLimit",
  ...["Package.Key"],
  ...["Guard.Policy", "Guard.Require", "Guard.Unknown", "Guard.TimeLimit"],
]);

/** Those whose value is a list. */
const listKeys: ReadonlySet<string> = new Set(["Build.Readable", "Build.Writable", "Guard.Require"]);

const defaultCache = 2 * 1024 ** 3;

/** Bytes of `no`, `500M`, `2G`; undefined for what is no size. */
function sizeOf(text: string): number | undefined {
  if (/^no$/i.test(text)) return 0;
  const [, count, unit = ""] = /^(\d{1,12})\s*([KMGT]?)i?B?$/i.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit.toUpperCase());
}

function secondsOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function collectValues(sections: SettingsText, from: string, warnings: string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [section, content] of Object.entries(sections)) {
    if (typeof content !== "object" || content === null) {
      warnings.push(`${section} stands outside of every section in ${from}. It is ignored.`);
      continue;
    }
    for (const [key, value] of Object.entries(content)) {
      const name = `${section}.${key}`;
      if (!ownKeys.has(name)) {
        warnings.push(`There is no setting [${section}] ${key}, so ${from} has no effect there.`);
        continue;
      }
      // ini makes true of `yes`-less keys and of the word itself: every value is taken as the text that it stands for.
      const lines = [value].flat().map((one: unknown) => (one === true ? "yes" : String(one).trim()));
      // As in pacman.conf, lines of a list add up.
      if (listKeys.has(name)) values.set(name, lines.join(" "));
      else values.set(name, lines.at(-1) ?? "");
      if (lines.length > 1 && !listKeys.has(name))
        warnings.push(`${name} stands in ${from} ${lines.length} times: the last line counts.`);
    }
  }
  return values;
}

function optional(key: string, values: ReadonlyMap<string, string>, from: string): Setting<string | undefined> {
  const text = values.get(key) ?? "";
  return text === "" ? { value: undefined, from: "default" } : { value: text, from };
}

function words(key: string, values: ReadonlyMap<string, string>, from: string): Setting<readonly string[]> {
  const text = values.get(key);
  if (text === undefined) return { value: [], from: "default" };
  return { value: text.split(/[\s,]+/).filter((word) => word !== ""), from };
}

function paths(
  key: string,
  values: ReadonlyMap<string, string>,
  from: string,
  warnings: string[],
): Setting<readonly string[]> {
  const text = values.get(key);
  if (text === undefined) return { value: [], from: "default" };
  const value: string[] = [];
  for (const path of text.split(/\s+/).filter((word) => word !== "")) {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    if (!path.startsWith("/") || names.includes(".."))
      warnings.push(`${key} names "${path}" in ${from}: an absolute path without ".." is needed.`);
    else if (isTooWide(names))
      warnings.push(
        `${key} names "${path}" in ${from}: private files of the machine are in it. It is ignored: name what builds need.`,
      );
    else value.push(path);
  }
  return { value, from };
}

/** Directories that hold everything, and all that the kernel makes up: no build needs them whole. Names in them may be opened. */
const tooWide: ReadonlySet<string> = new Set([
  "",
  "boot",
  "etc",
  "home",
  "root",
  "run",
  "tmp",
  "var",
  "var/lib",
  "var/run",
]);
const madeUp: ReadonlySet<string> = new Set(["dev", "proc", "sys"]);

function isTooWide(names: readonly string[]): boolean {
  return tooWide.has(names.join("/")) || madeUp.has(names[0] ?? "");
}
