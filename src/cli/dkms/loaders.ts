/** The code behind each command of `dkms`, loaded when its command is given. */
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import type { Settings } from "../frame/settings.ts";
import type { CommandName } from "./commands.ts";

/** What a command does; returns the exit status. `argv` are the words after the program's name. */
type CommandMain = (
  settings: Settings,
  given: ParsedArguments,
  name: string,
  argv: readonly string[],
) => Promise<number> | number;

const planned = async (): Promise<CommandMain> => (await import("./planned.ts")).runPlanned;

/** The frame answers `help`. */
const answered = (): Promise<CommandMain> => Promise.resolve(() => 0);

export const loaders: Readonly<Record<CommandName, () => Promise<CommandMain>>> = {
  add: planned,
  build: planned,
  install: planned,
  uninstall: planned,
  unbuild: planned,
  remove: planned,
  status: async () => (await import("./status/status.ts")).runStatus,
  autoinstall: planned,
  doctor: async () => (await import("./doctor/doctor.ts")).runDoctor,
  check: async () => (await import("./check/check.ts")).runCheck,
  report: async () => (await import("./report/report.ts")).runReport,
  log: async () => (await import("./report/log.ts")).runLog,
  why: async () => (await import("./status/why.ts")).runWhy,
  guard: async () => (await import("./guard.ts")).runGuardCommand,
  prune: async () => (await import("./prune.ts")).runPrune,
  match: planned,
  mktarball: async () => (await import("./package/tarballs.ts")).makeTarballCommand,
  mkpkg: async () => (await import("./package/mkpkg.ts")).makePackageCommand,
  ldtarball: planned,
  generate_mok: async () => (await import("./generate-mok.ts")).generateMok,
  help: answered,
  notify: async () => (await import("./notify.ts")).runNotify,
  kernel_postinst: planned,
  kernel_preinst: planned,
  kernel_prerm: planned,
};
