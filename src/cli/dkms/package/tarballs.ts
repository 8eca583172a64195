/** `dkms mktarball`, `dkms ldtarball`, and add, build or install of a tarball. */
import { clearStaleBuilds } from "../../../act/compile/workspace.ts";
import { loadTarball } from "../../../act/archive/load-tarball.ts";
import { makeTarball } from "../../../act/archive/make-tarball.ts";
import { DkmsError } from "../../../model/errors.ts";
import { kernelWords, moduleText, type ModuleId } from "../../../model/pair.ts";
import type { Event } from "../../../model/run/outcome.ts";
import type { Request } from "../../../model/run/request.ts";
import { readModule } from "../../../observe/tree/tree.ts";
import { workingDirectory } from "../../../system/environment.ts";
import { targetKind } from "../../../system/files/files.ts";
import { keepWordsFromStdout, writeDocument, writeLine } from "../../../system/output.ts";
import { eventLines } from "../../../tell/run/lines.ts";
import { tarballJson } from "../../../tell/package-json.ts";
import { requiredModule } from "../request.ts";
import { kernelChoice } from "../given-kernels.ts";
import { absolutePath } from "../../frame/given-paths.ts";
import { tellError } from "../../frame/guarded.ts";
import { tellLine } from "../../frame/live-output.ts";
import { locked, reading } from "../../frame/locked.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import { requireRegistered } from "../registered.ts";
import { run } from "../../walk/run.ts";
import type { Settings } from "../../frame/settings.ts";

/** The archive that a command line names for a command that can take one; undefined when it names a module. */
export function givenArchive(name: string, given: ParsedArguments): string | undefined {
  if (name !== "ldtarball" && name !== "add" && name !== "build" && name !== "install") return undefined;
  const option = given.value("archive");
  const word = given.value("module") === undefined ? given.words[1] : undefined;
  if (option !== undefined) return absolutePath(option, workingDirectory());
  if (word === undefined) return undefined;
  const path = absolutePath(word, workingDirectory());
  if (name === "ldtarball") return path;
  return targetKind(path) === "file" && !path.endsWith("/dkms.conf") ? path : undefined;
}

/** Packs a module; returns 0. */
export async function makeTarballCommand(settings: Settings, given: ParsedArguments): Promise<number> {
  if (given.has("binaries-only") && given.has("source-only")) {
    throw new DkmsError("usage", "--binaries-only and --source-only exclude each other.", { exitCode: 8 });
  }
  const kind = given.has("binaries-only")
    ? "binaries-only"
    : given.has("source-only")
      ? "source-only"
      : "source+binaries";
  const module = requiredModule("mktarball", given);
  const state = requireRegistered(settings.layout, module);
  const choice = kernelChoice(given);
  const pairs =
    kind === "source-only"
      ? []
      : choice.kind === "all"
        ? state.pairs.map(({ pair }) => pair)
        : choice.kernels.map((kernel) => ({ module, kernel }));
  const { layout, framework } = settings;
  const isDryRun = settings.dryRun;
  if (settings.result === "json") keepWordsFromStdout();
  const make = (signal: AbortSignal): Promise<string> =>
    makeTarball({
      layout,
      module,
      pairs,
      kind,
      archive: given.value("archive"),
      force: given.has("force"),
      isDryRun,
      temporary: framework.tmpLocation.value,
      tell: tellTo(settings),
      signal,
    });
  // A dry run reads only, and does not leave the file of a lock either.
  const path = isDryRun
    ? await make(new AbortController().signal)
    : await reading(layout, ({ signal }) => make(signal));
  if (isDryRun) writeLine("out", `Make the tarball ${path}`);
  if (settings.result === "json") writeDocument(tarballJson({ path, module, pairs, isDryRun }));
  return 0;
}

/** Loads a tarball and goes on with what was asked for; returns the exit status. */
export async function loadTarballCommand(
  name: string,
  path: string,
  settings: Settings,
  given: ParsedArguments,
): Promise<number> {
  if (path.endsWith(".rpm")) {
    throw new DkmsError("archive-invalid", `${path} is an rpm package, which pacman does not install.`, {
      path,
      hint: "Unpack it with bsdtar, and add the directory that holds its dkms.conf.",
      exitCode: 9,
    });
  }
  const isJson = settings.result === "json";
  if (isJson) keepWordsFromStdout();
  if (settings.dryRun) return tellLoading(name, path, settings, given);
  const loaded = await locked(settings.layout, ({ signal }) => {
    for (const error of clearStaleBuilds(settings.layout)) tellError(error);
    return loadTarball({ context: settings, path, tell: tellTo(settings), signal });
  });
  const { module, registration, placed } = loaded;
  // One document tells of all of it.
  const inner: Settings = { ...settings, result: "words" };
  const isAdded = readModule(settings.layout, module).registration === "added";
  if (registration === "needed" && !isAdded) {
    const force = given.has("force");
    const status = await run({ kind: "add", module, directory: undefined, force }, inner);
    if (status !== 0) return status;
  }
  const next = nextRequest(name, module, given);
  const status = next === undefined ? 0 : await run(next, inner);
  if (isJson) writeDocument(tarballJson({ path, module, pairs: placed, isDryRun: false }));
  return status;
}

/** What loading it would bring; what is to be built of it is not known before. */
async function tellLoading(name: string, path: string, settings: Settings, given: ParsedArguments): Promise<number> {
  const { module, placed } = await reading(settings.layout, ({ signal }) =>
    loadTarball({ context: settings, path, tell: tellTo(settings), signal, isDryRun: true }),
  );
  const kernels = placed.map(({ kernel }) => kernelWords(kernel)).join(", ");
  writeLine("out", `Load ${moduleText(module)}${kernels === "" ? "" : `, built for ${kernels}`}`);
  const next = nextRequest(name, module, given);
  if (next !== undefined) writeLine("out", `Then ${next.kind} ${moduleText(module)}`);
  if (settings.result === "json") writeDocument(tarballJson({ path, module, pairs: placed, isDryRun: true }));
  return 0;
}

function nextRequest(name: string, module: ModuleId, given: ParsedArguments): Request | undefined {
  if (name !== "build" && name !== "install") return undefined;
  const force = given.has("force");
  return { kind: name, module, directory: undefined, kernels: kernelChoice(given), force };
}

function tellTo({ verbosity }: Settings): (event: Event) => void {
  return (event) => eventLines(event, verbosity).forEach(tellLine);
}
