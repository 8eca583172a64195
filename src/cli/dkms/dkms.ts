/** The `dkms` command: reads its command line and sends it through the rooms. */
import { isRoot, setUmask } from "../../system/environment.ts";
import { silence, write, writeLine } from "../../system/output.ts";
import { dkmsProgram } from "./options.ts";
import type { CommandName } from "./request.ts";
import { guarded, usageError } from "../frame/guarded.ts";
import { helpText } from "../frame/option-table.ts";
import { parseArguments, type ParsedArguments } from "../frame/parse-arguments.ts";
import { projectVersion, referenceVersion } from "../../model/project.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Request } from "../../model/run/request.ts";
import type { Settings } from "../frame/settings.ts";

/** Runs `dkms` with the words after its name; returns its exit status. */
export function dkms(argv: readonly string[]): Promise<number> {
  return guarded(async () => {
    setUmask();
    if (argv.includes("-q") || argv.includes("--quiet")) silence();
    const given = await parsed(argv);
    for (const name of ["no-initrd", "no-clean-kernel", "no-prepare-kernel"]) {
      if (given.has(name)) writeLine("err", `Deprecated feature: --${name}`);
    }
    if (given.has("version")) {
      writeLine("out", `dkms-${referenceVersion} (dkms-alpm ${projectVersion})`);
      return 0;
    }
    if (given.has("help")) {
      write("out", helpText(dkmsProgram));
      return 0;
    }
    const name = commandName(given);
    if (name === "check") {
      const { runCheck } = await import("../check/check.ts");
      return runCheck(given, argv);
    }
    if (name === "notify") {
      const { runNotify } = await import("../notify/notify.ts");
      return runNotify();
    }
    return runCommand(name, given);
  });
}

/** What the reference calls 2 is an answer of `check`: there a command line that cannot be understood is one that finds nothing out. */
async function parsed(argv: readonly string[]): Promise<ParsedArguments> {
  try {
    return await parseArguments(withVerbose(argv), dkmsProgram.options);
  } catch (error) {
    if (argv[0] !== "check" || !(error instanceof DkmsError)) throw error;
    throw new DkmsError(error.code, error.message, { ...error.facts, exitCode: 3 });
  }
}

async function runCommand(name: Exclude<CommandName, "check" | "notify">, given: ParsedArguments): Promise<number> {
  if (given.has("json") && withoutDocument.has(name)) throw usageError(`--json does not go with ${name}.`);
  const { readSettings } = await import("../frame/settings.ts");
  const settings = await readSettings(given);
  if (name === "status") {
    const { runStatus } = await import("./status.ts");
    return runStatus(settings, given);
  }
  if (name === "doctor") {
    const { runDoctor } = await import("./doctor.ts");
    return runDoctor(settings, given);
  }
  if (name === "report") {
    const { runReport } = await import("./report.ts");
    return runReport(settings, given);
  }
  if (name === "guard") {
    const { runGuardCommand } = await import("./guard.ts");
    if (given.has("once")) requireRoot();
    return runGuardCommand(settings, given);
  }
  if (name === "prune") {
    if (settings.dryRun === "no") requireRoot();
    const { runPrune } = await import("./prune.ts");
    return runPrune(settings);
  }
  if (name === "generate_mok") {
    requireRoot();
    const { generateMok } = await import("./generate-mok.ts");
    return generateMok(settings);
  }
  if (name === "mktarball") {
    const { makeTarballCommand } = await import("./tarballs.ts");
    return makeTarballCommand(settings, given);
  }
  const mayChange = settings.dryRun === "yes" || isRoot();
  if (!mayChange && ofKernels.test(name)) requireRoot();
  if (name === "mkpkg") {
    if (!mayChange) requireRoot();
    const { makePackageCommand } = await import("./mkpkg.ts");
    return makePackageCommand(settings, given);
  }
  const { givenArchive, loadTarballCommand } = await import("./tarballs.ts");
  const archive = givenArchive(name, given);
  if (archive !== undefined) {
    if (given.has("json")) throw usageError("--json does not go with tarballs.");
    if (!mayChange) requireRoot();
    return loadTarballCommand(name, archive, settings, given);
  }
  if (name === "ldtarball") throw usageError("dkms ldtarball needs the tarball to load.");
  const { commandRequest } = await import("./request.ts");
  const request = await commandRequest(name, given, settings);
  if (!mayChange) await refuseStranger(request, settings);
  const { run } = await import("../walk/run.ts");
  const status = await run(request, settings);
  if (status === 0) await forgetRemoved(request, settings);
  return status;
}

/** After `remove --all` nothing is left of a module, nor is a build of it remembered. */
async function forgetRemoved(request: Request, { layout, dryRun }: Settings): Promise<void> {
  if (request.kind !== "remove" || request.kernels.kind !== "all" || dryRun === "yes") return;
  const [{ forgetModule }, { resultCache }] = await Promise.all([
    import("../../act/cache/cache.ts"),
    import("../../act/cache/place.ts"),
  ]);
  forgetModule(resultCache(layout), request.module);
}

/** Commands whose result is a file. */
const withoutDocument: ReadonlySet<CommandName> = new Set(["generate_mok", "guard", "ldtarball", "mkpkg", "mktarball"]);

/** `-v` is the version of a module, as with the reference; doctor has no module, and means --verbose by it. */
function withVerbose(argv: readonly string[]): readonly string[] {
  return argv.includes("doctor") ? argv.map((word) => (word === "-v" ? "--verbose" : word)) : argv;
}

/** Commands about a whole kernel ask for root before they look at their options, as the reference does; the others look first. */
const ofKernels = /^(kernel_|match)/;

/** Somebody who is not root still learns that there is nothing to remove. */
async function refuseStranger(request: Request, { layout }: Settings): Promise<void> {
  if (request.kind === "remove" || request.kind === "unbuild" || request.kind === "uninstall") {
    const { requireRegistered } = await import("./registered.ts");
    requireRegistered(layout, request.module);
  }
  requireRoot();
}

function requireRoot(): void {
  if (isRoot()) return;
  throw new DkmsError("not-root", "Only root may change the dkms tree and the kernels' modules.", {
    hint: "Run the command with sudo.",
  });
}

/** The first word that is the name of a command. */
function commandName(given: ParsedArguments): CommandName {
  const names = dkmsProgram.commands.map(({ name }) => name);
  const found = given.words.filter((word) => names.some((name) => name === word));
  if (found.length > 1) {
    const { message, facts } = usageError(`One command at a time: ${found.join(" and ")} were given.`);
    throw new DkmsError("usage", message, { ...facts, exitCode: 4 });
  }
  const [first] = given.words;
  if (first === undefined) throw usageError("No command given.");
  const name = names.find((known) => known === found[0]);
  if (name === undefined) throw usageError(`Unknown command: ${first}`);
  return name;
}
