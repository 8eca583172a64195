/** What `dkms doctor` looks at, read by `observe/health`, and what it finds, decided by `decide/doctor`. */
import { isEnabled, type KernelConfig } from "../kernel/kernel-build-facts.ts";
import type { Suffix } from "../kernel-object.ts";
import type { Leftovers } from "./leftovers.ts";
import type { World } from "../machine/world.ts";
import type { Hint } from "../run/failure-evidence.ts";
import type { BootJudgement } from "../boot/verdict.ts";
import type { SavedAnswer } from "../check/check.ts";
import type { TransactionReport } from "./transaction-report.ts";

/** Whether the machine refuses modules without a valid signature. */
export interface LoadPolicy {
  /** `none`, `integrity` or `confidentiality`; undefined for a kernel that knows no lockdown. */
  readonly lockdown: string | undefined;
  readonly secureBoot: "on" | "off" | "unknown";
  /** `module.sig_enforce` of the running kernel. */
  readonly enforced: boolean;
}

/** A line of a module's makefile that asks for the running kernel. */
export interface RunningKernelLine {
  readonly path: string;
  /** 1 is the first. */
  readonly line: number;
  readonly text: string;
  /** What lines assign that use the variable of this one; undefined among it is anything else. */
  readonly users?: ReadonlySet<string | undefined> | undefined;
}

/** The lines with `uname -r` in a makefile, comments left out. */
export function runningKernelLines(path: string, makefile: string): readonly RunningKernelLine[] {
  const texts = makefile.split("\n");
  const codes = texts.map((text) => text.split("#", 1)[0] ?? "");
  const asking = codes.flatMap((code, index) => (/\buname\s+-r\b/.test(code) ? [index] : []));
  const users = asking.length === 0 ? undefined : usersOfVariables(codes);
  return asking.map((index) => ({
    path,
    line: index + 1,
    text: (texts[index] ?? "").trim(),
    users: users?.get(assignedVariable(codes[index] ?? "") ?? ""),
  }));
}

/** For each variable of a makefile what the lines that use it assign; undefined among it stands for anything else that they do. */
function usersOfVariables(codes: readonly string[]): ReadonlyMap<string, ReadonlySet<string | undefined>> {
  const users = new Map<string, Set<string | undefined>>();
  for (const code of codes) {
    for (const [, used = ""] of code.matchAll(/\$[({](\w+)/g)) {
      users.set(used, (users.get(used) ?? new Set()).add(assignedVariable(code)));
    }
  }
  return users;
}

/** The variable that a line of a makefile assigns, where make's command line can take its place. */
export function assignedVariable(line: string): string | undefined {
  return /^ *(?:export\s+)?([A-Za-z_]\w*)\s*(?:\?|::?:?)?=/.exec(line)?.[1];
}

/** What is left of a build that failed. */
interface FailedBuild extends Hint {
  readonly log: string;
}

/** Everything that is judged. */
export interface Health {
  readonly world: World;
  readonly leftovers: Leftovers;
  readonly policy: LoadPolicy;
  /** The first object of a pair with which something is wrong, by `pairKey`: `missing` from its result, or installed and not the one that was built. */
  readonly faults: ReadonlyMap<string, { readonly kind: "missing" | "differs"; readonly name: string }>;
  /** Installed objects without a signature by `pairKey`, read only for kernels that demand one. */
  readonly unsigned: ReadonlyMap<string, readonly string[]>;
  /** Names of the kernel modules that installed pairs say they use, by `pairKey`. */
  readonly uses: ReadonlyMap<string, readonly string[]>;
  /** Programs that were found, of those that could be needed. */
  readonly programs: ReadonlySet<string>;
  /** First line of `PROGRAM --version`, by compiler. */
  readonly compilers: ReadonlyMap<string, string>;
  /** How each kernel's modules are compressed, by release. */
  readonly suffixes: ReadonlyMap<string, Suffix>;
  /** By module (`zfs/2.2.2`). */
  readonly runningKernelLines: ReadonlyMap<string, readonly RunningKernelLine[]>;
  /** What is wrong with settings files, in words. */
  readonly settingsFaults: readonly string[];
  readonly sandbox: "auto" | "no";
  /** The version of Node.js that runs this program. */
  readonly node: string;
  /** The judgement of the next boot; undefined for trees other than this machine's own. */
  readonly boot?: BootJudgement | undefined;
  /** What this user may not read, or could not be read, in words. */
  readonly unread?: readonly string[];
  /** The last answer of `dkms check`, while it is about an upgrade that is still to come. */
  readonly lastCheck?: SavedAnswer | undefined;
  /** The report of the last transaction. */
  readonly lastTransaction: TransactionReport | undefined;
  /** Of pairs that are not installed and whose last build failed, by `pairKey`: the log, and what the table of hints says of it. */
  readonly failures?: ReadonlyMap<string, FailedBuild>;
}

/** What a finding is about, for programs. */
type HealthCode =
  | "settings-fault"
  | "tool-missing"
  | "node-too-old"
  | "headers-missing"
  | "compiler-differs"
  | "module-broken"
  | "conf-invalid"
  | "conf-doubtful"
  | "running-kernel"
  | "dependency-unmet"
  | "dependency-undeclared"
  | "not-installed"
  | "supplied-twice"
  | "object-missing"
  | "object-differs"
  | "unsigned"
  | "unfinished"
  | "last-transaction"
  | "last-check"
  | "boot-kernel"
  | "boot-image"
  | "boot-module"
  | "nothing-to-boot"
  | "boot-not-checked"
  | "unread"
  | "leftovers";

/** `error`: a module is missing or will not load. `warning`: it will be, sooner or later. `note`: untidy, no more. */
export type Severity = "error" | "warning" | "note";

/** One thing that is not as it should be. */
export interface HealthFinding {
  readonly code: HealthCode;
  readonly severity: Severity;
  /** The module, pair, kernel, program or file in question. */
  readonly subject: string;
  /** One sentence. */
  readonly what: string;
  /** How that comes about or what follows from it, one sentence. */
  readonly why: string;
  /** The command that fixes it; where there is none, what to do in words. */
  readonly fix: string;
}

/** Why a kernel refuses unsigned modules, in words; undefined when nothing tells that it does. */
export function signatureDemand(policy: LoadPolicy, config: KernelConfig | undefined): string | undefined {
  if (policy.lockdown !== undefined && policy.lockdown !== "none")
    return `the kernel is locked down (${policy.lockdown})`;
  if (policy.enforced) return "the kernel was booted with module.sig_enforce";
  if (config === undefined) return undefined;
  if (isEnabled(config, "CONFIG_MODULE_SIG_FORCE")) return "the kernel is built with CONFIG_MODULE_SIG_FORCE";
  if (policy.secureBoot === "on" && isEnabled(config, "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT")) {
    return "Secure Boot is on, and the kernel locks itself down then";
  }
  return undefined;
}
