/** Makefiles that build for the running kernel instead of the one that they are asked for. */
import {
  assignedVariable,
  type Health,
  type HealthFinding,
  type RunningKernelLine,
} from "../../model/health/health.ts";
import { moduleText } from "../../model/pair.ts";
import type { Module, World } from "../../model/machine/world.ts";

/**
 * The finding for a module whose makefile asks `uname -r` and whose dkms.conf does nothing against it. Without a command of its own a module is built
 * from within the kernel's build system, where such a line does not count; and a variable on make's command line beats the makefile's.
 */
export function runningKernelFinding(
  health: Health,
  module: Module,
  commandsOf: ReadonlyMap<string, ReadonlySet<string>>,
): readonly HealthFinding[] {
  const commands = [...(commandsOf.get(moduleText(module.id)) ?? [])];
  if (commands.length === 0) return [];
  const line = decidingLine(health.runningKernelLines.get(moduleText(module.id)) ?? [], commands);
  const inCommand = commands.find((command) => /\buname\s+-r\b/.test(command));
  if (line === undefined && inCommand === undefined) return [];
  const subject = moduleText(module.id);
  return [
    {
      code: "running-kernel",
      severity: "warning",
      subject,
      what:
        line === undefined
          ? `The MAKE command of ${subject} asks uname which kernel to build for.`
          : `The makefile of ${subject} asks uname which kernel to build for (${line.path}, line ${line.line}).`,
      why: `It builds for the running kernel whatever dkms asks for: ${line?.text ?? inCommand ?? ""}`,
      fix: "Report it to the maintainer of the module's package: MAKE in dkms.conf should hand over $kernelver or $kernel_source_dir",
    },
  ];
}

/** The first line of the makefiles that decides for the running kernel, whatever one of the commands says. */
export function decidingLine(
  lines: readonly RunningKernelLine[],
  commands: readonly string[],
): RunningKernelLine | undefined {
  return lines.find((line) => commands.some((command) => !isOverridden(line, command)));
}

/** The commands that the confs of each module give, of the kernels that they are meant for, by the module's text. */
export function makeCommands({ confs }: World): ReadonlyMap<string, ReadonlySet<string>> {
  const commands = new Map<string, Set<string>>();
  for (const conf of confs.values()) {
    if (conf.kind !== "valid" || conf.directives.make === undefined || conf.exclusions.pair.length > 0) continue;
    const module = moduleText(conf.directives);
    const known = commands.get(module) ?? new Set();
    commands.set(module, known.add(conf.directives.make));
  }
  return commands;
}

/** The command sets the variable that the line assigns, or all that are made of it: `KDIR ?= /lib/modules/$(KVER)/build`. */
function isOverridden({ text, users }: RunningKernelLine, command: string): boolean {
  if (entersKernelBuild(command)) return true;
  const variable = assignedVariable(text);
  if (variable === undefined) return false;
  if (isGiven(variable, command)) return true;
  return users !== undefined && [...users].every((user) => user !== undefined && isGiven(user, command));
}

/** Every plain `make` is given KERNELRELEASE, and the conf's own words count. */
function isGiven(variable: string, command: string): boolean {
  const isPlainMake = /^make(?![\w./+-])/.test(command);
  return new RegExp(`(?:^|[\\s"'])${variable}=`).test(command) || (isPlainMake && variable === "KERNELRELEASE");
}

/** `make -C <headers> M=...` never runs the part of a makefile that looks for the headers itself. */
function entersKernelBuild(command: string): boolean {
  return /\s-C\s*\S/.test(command) && /\s(?:M|SUBDIRS)=/.test(command);
}
