/** The commands of `dkms`, as dkms(8) has them, and what this program adds: help, completions, manual page, dispatch and refusals read these rows. */
import type { Command, Program } from "../frame/option-table.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import type { Settings } from "../frame/settings.ts";
import { dkmsOptions } from "./options.ts";

/** What a command does; returns the exit status. `argv` are the words after the program's name. */
type CommandMain = (
  settings: Settings,
  given: ParsedArguments,
  name: string,
  argv: readonly string[],
) => Promise<number> | number;

/** A command and how it is run. */
export interface DkmsCommand extends Command {
  /** `yes`: asked for before anything else; `to-change`: not with --dry-run; `itself`: the command asks once it knows what it is to do. */
  readonly needsRoot: "no" | "yes" | "to-change" | "itself";
  /** Whether it has a document for --json. */
  readonly json: boolean;
  /** dkms(8) does not have it, so that a module may be called so: it is a command only where it stands first. */
  readonly isOurs?: true;
  /** The status of a command line that cannot be understood, where 2 is an answer. */
  readonly usageStatus?: number;
  /** Undefined for `help`, which the frame answers. */
  readonly load?: () => Promise<CommandMain>;
}

const general = ["dkmstree", "sourcetree", "installtree", "json", "verbose", "quiet", "help"] as const;
const changing = ["dry-run", ...general] as const;
const module = ["module", "v"] as const;
const kernels = ["kernelver", "arch", "all"] as const;
const conf = ["c", "config", "directive", "kernelsourcedir"] as const;
const placing = [
  "force",
  "force-version-override",
  "modprobe-on-install",
  "symlink-modules",
  "no-depmod",
  "j",
] as const;

const planned = async (): Promise<CommandMain> => (await import("./planned.ts")).runPlanned;
const example = "zfs/2.2.2";

export const dkmsCommands: readonly DkmsCommand[] = [
  {
    name: "add",
    operands: "MODULE/VERSION",
    operand: "source",
    options: [...module, "force", "archive", "c", "directive", ...changing],
    example: `dkms add ${example}`,
    description: "register a module whose source is in /usr/src",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "build",
    operands: "MODULE/VERSION",
    operand: "source",
    options: [...module, ...kernels, "force", "j", "archive", ...conf, ...changing],
    example: `dkms build ${example} -k linux`,
    description: "build it for a kernel",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "install",
    operands: "MODULE/VERSION",
    operand: "source",
    options: [...module, ...kernels, ...placing, "archive", ...conf, ...changing],
    example: `dkms install ${example} -k linux`,
    description: "build it if needed and install it for a kernel",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "uninstall",
    operands: "MODULE/VERSION",
    operand: "installed",
    options: [...module, ...kernels, "no-depmod", ...changing],
    example: `dkms uninstall ${example} --all`,
    description: "take it out of a kernel, keep what was built",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "unbuild",
    operands: "MODULE/VERSION",
    operand: "built",
    options: [...module, ...kernels, "no-depmod", ...changing],
    example: `dkms unbuild ${example} -k linux`,
    description: "uninstall it and delete what was built",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "remove",
    operands: "MODULE/VERSION",
    operand: "registered",
    options: [...module, ...kernels, "no-depmod", ...changing],
    example: `dkms remove ${example} --all`,
    description: "unbuild it, and forget it when nothing is left",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "status",
    operands: "[MODULE[/VERSION]]",
    operand: "registered",
    options: [...module, "kernelver", "arch", ...general],
    example: "dkms status zfs",
    description: "list modules and what state they are in",
    needsRoot: "no",
    json: true,
    load: async () => (await import("./status/status.ts")).runStatus,
  },
  {
    name: "autoinstall",
    operands: "",
    options: ["kernelver", "arch", ...placing, ...changing],
    example: "dkms autoinstall -k linux-lts",
    description: "install every module that asks for it, for one kernel",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "doctor",
    operands: "",
    options: ["fix", "yes", ...general],
    example: "dkms doctor --fix",
    description: "check the next boot and the DKMS setup, and suggest fixes; status 1 for problems",
    needsRoot: "no",
    json: true,
    isOurs: true,
    load: async () => (await import("./doctor/doctor.ts")).runDoctor,
  },
  {
    name: "check",
    operands: "",
    options: ["packages", "ignore", "installed", "with", "timeout", "json", "verbose", "quiet", "help"],
    example: "dkms check --with ./my-module",
    description: "test what pacman -Syu would bring; status 1 if a module would be lost, 2 for nothing to check",
    needsRoot: "no",
    json: true,
    isOurs: true,
    usageStatus: 3,
    load: async () => (await import("./check/check.ts")).runCheck,
  },
  {
    name: "report",
    operands: "",
    options: ["last", "json", "quiet", "help"],
    example: "dkms report --last 3",
    description: "print the report of the last transaction",
    needsRoot: "no",
    json: true,
    isOurs: true,
    load: async () => (await import("./report/report.ts")).runReport,
  },
  {
    name: "log",
    operands: "[MODULE[/VERSION]]",
    operand: "registered",
    options: [...module, "kernelver", "quiet", "help"],
    example: "dkms log zfs -k linux",
    description: "show the log of the last build, one that failed first",
    needsRoot: "no",
    json: false,
    isOurs: true,
    load: async () => (await import("./report/log.ts")).runLog,
  },
  {
    name: "why",
    operands: "MODULE[/VERSION]",
    operand: "registered",
    options: [...module, ...kernels, ...general],
    example: "dkms why zfs -k linux-lts",
    description: "explain whether a module is wanted for a kernel, and why it is not built",
    needsRoot: "no",
    json: true,
    isOurs: true,
    load: async () => (await import("./status/why.ts")).runWhy,
  },
  {
    name: "guard",
    operands: "",
    options: ["once", "json", "quiet", "help"],
    example: "dkms guard --once warn",
    description: "show the policy of the guard, or with --once set it for the next transaction only",
    needsRoot: "itself",
    json: true,
    isOurs: true,
    load: async () => (await import("./guard.ts")).runGuardCommand,
  },
  {
    name: "prune",
    operands: "",
    options: ["force", ...changing],
    example: "dkms prune --dry-run",
    description: "delete leftovers of removed kernels and modules",
    needsRoot: "to-change",
    json: true,
    isOurs: true,
    load: async () => (await import("./prune.ts")).runPrune,
  },
  {
    name: "match",
    operands: "[MODULE]",
    operand: "registered",
    options: ["templatekernel", "kernelver", "arch", ...placing, ...changing],
    example: "dkms match --templatekernel 6.6.1-arch1-1 -k 6.6.2-arch1-1",
    description: "install on one kernel the modules that another kernel has",
    needsRoot: "to-change",
    json: true,
    load: planned,
  },
  {
    name: "mktarball",
    operands: "MODULE/VERSION",
    operand: "registered",
    options: [...module, ...kernels, "archive", "binaries-only", "source-only", "force", ...general],
    example: `dkms mktarball ${example} --all`,
    description: "pack source and what was built into a tarball",
    needsRoot: "no",
    json: true,
    load: async () => (await import("./package/tarballs.ts")).makeTarballCommand,
  },
  {
    name: "mkpkg",
    operands: "MODULE/VERSION",
    operand: "registered",
    options: [...module, ...kernels, "output", "repo", "key", "j", ...changing],
    example: `dkms mkpkg ${example} --all --output /srv/packages`,
    description: "make pacman packages of it, and build what is missing",
    needsRoot: "to-change",
    json: true,
    isOurs: true,
    load: async () => (await import("./package/mkpkg.ts")).makePackageCommand,
  },
  {
    name: "ldtarball",
    operands: "FILE",
    operand: "file",
    options: ["archive", "force", ...changing],
    example: "dkms ldtarball zfs-2.2.2.dkms.tar.gz",
    description: "load such a tarball",
    needsRoot: "itself",
    json: true,
    load: planned,
  },
  {
    name: "generate_mok",
    operands: "",
    options: ["quiet", "help"],
    example: "dkms generate_mok",
    description: "make the key pair that modules are signed with, if there is none",
    needsRoot: "yes",
    json: false,
    load: async () => (await import("./generate-mok.ts")).generateMok,
  },
  {
    name: "help",
    operands: "[COMMAND]",
    options: [],
    example: "dkms help install",
    description: "print this help, or that of one command",
    needsRoot: "no",
    json: false,
    isOurs: true,
  },
  {
    name: "notify",
    operands: "",
    hidden: "yes",
    description: "show notifications for problems that are new",
    needsRoot: "no",
    json: false,
    isOurs: true,
    load: async () => (await import("./notify.ts")).runNotify,
  },
  {
    name: "kernel_postinst",
    operands: "",
    hidden: "yes",
    description: "what a kernel package's hook calls: autoinstall",
    needsRoot: "to-change",
    json: true,
    load: planned,
  },
  {
    name: "kernel_preinst",
    operands: "",
    hidden: "yes",
    description: "delete what is built for a kernel by AUTOINSTALL",
    needsRoot: "to-change",
    json: true,
    load: planned,
  },
  {
    name: "kernel_prerm",
    operands: "",
    hidden: "yes",
    description: "delete everything that is built for a kernel",
    needsRoot: "to-change",
    json: true,
    load: planned,
  },
];

export const dkmsProgram = {
  name: "dkms",
  summary: "Builds, installs and removes kernel modules from sources in /usr/src, for every kernel that needs them.",
  usage: ["dkms COMMAND [MODULE/VERSION] [-k KERNEL]... [OPTION]..."],
  commands: dkmsCommands,
  options: dkmsOptions,
} as const satisfies Program;
