/** Runs one command of a build: in the sandbox, framed in the log, with its share of the job slots. */
import { DkmsError } from "../../model/errors.ts";
import { pairWords } from "../../model/pair.ts";
import { run, type RunOptions, type RunResult } from "../../system/process/processes.ts";
import { runConfined } from "../../system/sandbox/confine.ts";
import { buildFailure } from "./failure.ts";
import { type BuildStage } from "./stage.ts";
import { watchDisk, type Excess } from "./disk-watch.ts";
import type { Share } from "../jobs/jobserver.ts";
import { attendingScript, leftRunning } from "../../observe/failures/left-running.ts";
import { buildView } from "../sandbox/sandbox.ts";
import { slotsText, type SlotUse } from "./slots.ts";

/** A command: shell text, as everything in a dkms.conf is. */
export interface BuildCommand {
  /** `Building module(s)`: the words over its frame. */
  readonly description: string;
  readonly text: string;
  /** How the text is shown in the log; the text itself without it. */
  readonly shown?: string;
  /** Where it begins, as the build sees it. */
  readonly directory: string;
  readonly share: Share;
  readonly slots: SlotUse;
  /** Variables that it gets beside those of every command; the administrator's come before them. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** How a command ended, and what it has written. */
export interface CommandResult {
  readonly status: number;
  readonly output: string;
}

/**
 * Runs a command to its end; a status that is not 0 is a result. Throws `interrupted`, `file-failed` when it was about to fill the disk or its log grew too
 * long, and `make-failed` when it took longer than the settings allow.
 */
export async function runCommand(stage: BuildStage, command: BuildCommand): Promise<CommandResult> {
  const { environment, log, workspace } = stage;
  const slots = await environment.pool.take(command.share, environment.signal);
  const disk = watchDisk([workspace.directory, workspace.build], log.path, environment.signal);
  let ending: "ended" | "killed" = "killed";
  try {
    environment.tell({ kind: "note", level: "detail", text: `${pairWords(stage.input.pair)}: ${command.description}` });
    const frame = log.begin(command.description, command.shown ?? command.text);
    const use = environment.pool.descriptors === undefined ? "outside" : slotUse(stage, command);
    const tokens = use === "outside" ? undefined : environment.pool.descriptors;
    const descriptors = [...(tokens ?? []), log.descriptor];
    const result = await start(
      stage,
      { ...command, slots: use },
      {
        environment: { ...command.variables, ...variables(stage, use) },
        descriptors,
        signal: disk.signal,
        timeoutSeconds: environment.timeLimit,
      },
    );
    // Commands write to the log: this is the sandbox itself speaking, when it could not be set up, or something was left running in it.
    frame.write(result.stdout + result.stderr);
    const status = result.status === 0 && leftRunning(result.stdout) !== undefined ? 1 : result.status;
    const output = frame.end(status, result.seconds);
    if (environment.signal.aborted) throw new DkmsError("interrupted", "Interrupted.");
    const excess = disk.excess();
    if (excess !== undefined) throw tooMuch(stage, excess);
    if (result.limit === "time") throw tooLong(stage, command, output);
    if (status < 128) ending = "ended";
    return { status, output };
  } finally {
    disk.close();
    slots.release(ending);
  }
}

function tooMuch(stage: BuildStage, excess: Excess): DkmsError {
  const { directory } = stage.workspace;
  const size = `${Math.floor(excess.bytes / 1024 ** 2)} MiB`;
  const why =
    excess.kind === "disk"
      ? `it was filling the disk, ${size} are left on the file system of ${directory}`
      : `its log has grown to ${size}`;
  const sentence = `Building ${pairWords(stage.input.pair)} was stopped: ${why}.`;
  return buildFailure(stage, "file-failed", sentence, {
    path: directory,
    hint:
      excess.kind === "disk"
        ? "What it has written is removed. Free some space and try again; if there is plenty, the module is to blame."
        : "A build that writes so much has gone wrong: see the beginning of the log.",
  });
}

function tooLong(stage: BuildStage, { description }: BuildCommand, output: string): DkmsError {
  const { timeLimit } = stage.environment;
  const sentence = `Building ${pairWords(stage.input.pair)} was stopped: "${description}" took more than ${timeLimit} seconds.`;
  return buildFailure(stage, "make-failed", sentence, {
    output,
    hint: "If the machine is that slow: raise TimeLimit under [Build] in /etc/dkms-alpm.conf.",
  });
}

/** What a script finds before make lies in /tmp, which is a build's own only in a sandbox. */
function slotUse({ mode }: BuildStage, { slots }: BuildCommand): SlotUse {
  return slots === "where-asked" && mode === "plain" ? "outside" : slots;
}

/** A shell that sends both streams to the log, so that they stay in order, and then evaluates the text. */
function start(
  stage: BuildStage,
  command: BuildCommand,
  options: Pick<RunOptions, "environment" | "descriptors" | "signal" | "timeoutSeconds">,
): Promise<RunResult> {
  const log = 2 + (options.descriptors ?? []).length;
  const script = `exec >&${log} 2>&1 ${log}>&-; ${slotsText(command.slots)}eval "$1"`;
  const shell = ["bash", "--norc", "--noprofile", "-c"] as const;
  if (stage.mode === "plain") {
    return run([...shell, script, "dkms", command.text], { ...options, cwd: command.directory });
  }
  const { input, environment, workspace } = stage;
  const view = buildView(
    {
      layout: environment.layout,
      pair: input.pair,
      settings: environment.sandbox,
      llvm: input.facts.llvm,
      readable: [input.source, input.kernelSource, ...input.readable],
      dependencies: input.dependencies,
      build: workspace.build,
      staged: workspace.handed,
      temporary: workspace.temporary,
      log: workspace.log,
    },
    command.directory,
  );
  return runConfined(view, [...shell, attendingScript, "dkms", script, command.text], options);
}

/** dkms' own variables, which scripts and makefiles rely on, and the compiler of the kernel. */
function variables(stage: BuildStage, use: SlotUse): Record<string, string> {
  const { module, kernel } = stage.input.pair;
  const locale = "C.UTF-8";
  const given = stage.input.variables;
  const flags = [...(use === "member" ? ["-j", "--jobserver-auth=3,4"] : []), ...overrides(given)];
  return {
    ...stage.input.facts.compiler,
    // The administrator's word counts more than the kernel's.
    ...given,
    module: module.name,
    module_version: module.version,
    kernelver: kernel.release,
    arch: kernel.arch,
    // Messages are looked through for the reason of a failure; Kbuild unsets LC_ALL.
    ...{ LC_ALL: locale, LC_MESSAGES: locale, LANG: locale, LANGUAGE: "" },
    // Descriptors 3 and 4 are those of the pool. `-j` without a number is how make itself writes it for its children.
    ...(flags.length === 0 ? {} : { MAKEFLAGS: ` ${flags.join(" ")}` }),
  };
}

/** Programs that makefiles of kernels set themselves, whatever the environment says. */
const programs = ["CC", "LD", "HOSTCC"] as const;

/** What of `build_environment` every make is to take as if it were on its command line, as make itself writes it into MAKEFLAGS. */
function overrides(given: Readonly<Record<string, string>>): readonly string[] {
  const words = programs.flatMap((name) => {
    const value = given[name];
    return value === undefined ? [] : [`${name}=${value.replaceAll("$", "$$$$").replace(/[\s\\]/g, "\\$&")}`];
  });
  return words.length === 0 ? [] : ["--", ...words];
}
