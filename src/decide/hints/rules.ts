/** Hints for builds that failed: a table of rules, the surest first. Each reads the evidence alone; the first that applies is the hint. Pure. */
import type { FailureEvidence, Hint } from "../../model/run/failure-evidence.ts";
import { packageOf } from "./tools.ts";

/** A rule and the name that tests know it by. */
export interface HintRule {
  readonly name: string;
  /** Whether the fault is the module's own, so that its sources are worth a look. */
  readonly isOfModule?: true;
  readonly apply: (evidence: FailureEvidence) => Hint | undefined;
}

/** The rules in their order. */
export const hintRules: readonly HintRule[] = [
  { name: "no-space", apply: noSpace },
  { name: "no-memory", apply: noMemory },
  { name: "network", apply: network },
  { name: "missing-tool", apply: missingTool },
  { name: "other-compiler", apply: otherCompiler },
  { name: "sandbox", apply: ({ sandbox }) => sandbox },
  { name: "running-kernel", isOfModule: true, apply: runningKernel },
  { name: "other-module", isOfModule: true, apply: otherModule },
  { name: "new-kernel", isOfModule: true, apply: newKernel },
];

/** The hint of the first rule that applies; behind a fault of the module's own, the place of its sources where they were kept. */
export function explain(whole: FailureEvidence): Hint | undefined {
  const evidence = { ...whole, output: withShortLines(whole.output), commands: withShortLines(whole.commands) };
  for (const { isOfModule, apply } of hintRules) {
    const found = apply(evidence);
    if (found === undefined) continue;
    const { sources, step } = evidence;
    if (!isOfModule || found.hint === undefined || sources === undefined || step !== "compiling") return found;
    return { ...found, hint: `${found.hint} The sources as they were built are in ${sources}.` };
  }
  return undefined;
}

/** Rules look for words that stand in one line: one of millions of characters would keep them busy for hours. */
function withShortLines(text: string): string {
  return text.replaceAll(/^(.{4000}).+$/gm, "$1");
}

function noSpace({ output, place }: FailureEvidence): Hint | undefined {
  if (!/No space left on device|Disk quota exceeded/.test(output)) return undefined;
  return { hint: `The disk is full. Free space where builds work, then try again: df -h ${place}` };
}

function noMemory({ output, module, release }: FailureEvidence): Hint | undefined {
  const pattern = /Cannot allocate memory|Out of memory|Killed signal terminated program|fatal error: Killed|^Killed$/m;
  if (!pattern.test(output)) return undefined;
  return { hint: `Memory ran out. Build with one job: dkms install ${module} -k ${release} -j 1` };
}

const noAnswer =
  /could not resolve host|temporary failure in name resolution|network is unreachable|name or service not known|unable to resolve host address/i;
/** Programs that fetch, as commands. */
const fetches =
  /(?:^|[\s;&|(@`])(?:wget|curl)\s|\bgit[ \t]+(?:-\S+[ \t]+)*(?:clone|fetch|pull|submodule\s+update)\b|\bpip3?\s+install\b/m;

/** The tool says so, or something that fetches is run, and no compiler has complained. */
function network({ output, isOffline, commands }: FailureEvidence): Hint | undefined {
  if (!isOffline) return undefined;
  const isFetching = fetches.test(commands) || /https?:\/\/\S+/.test(output);
  if (!noAnswer.test(output) && (!isFetching || hasCompilerError(output))) return undefined;
  return {
    sentence: "It tried to reach the network, which is closed to builds.",
    hint: "Network=yes under [Build] in /etc/dkms-alpm.conf opens it. Better: report that the package should bring the file.",
  };
}

/** As shells and make name a program that is not there. */
const absent = [
  /(?:^|: )(?:line \d+: )?([\w.+-]+): command not found$/m,
  /^\/?(?:bin\/)?(?:sh|bash|dash): ([\w.+-]+): not found$/m,
  /^\S+: (?:line )?\d+: ([\w.+-]+): not found$/m,
  /^make(?:\[\d+\])?: ([\w.+-]+): No such file or directory$/m,
  /^env: ['‘]?([\w.+-]+)['’]?: No such file or directory$/m,
  /cannot execute ['‘]([\w.+-]+)['’]/m,
  /\b(pahole)\b.*not available/m,
] as const;

/** As the dynamic loader says it (ld.so(8)): `PROGRAM: LIBRARY: version ...`, and the path of a library that is not there. */
const newerLibrary = /^(\S+): \S+: version `([\w.]+)' not found \(required by /m;
const absentLibrary = /^(\S+): error while loading shared libraries: (\S+): cannot open shared object file/m;

/** A program that is not there, or that does not start on this machine. */
function missingTool({ output, isOffline }: FailureEvidence): Hint | undefined {
  const [, outdated, version] = newerLibrary.exec(output) ?? [];
  if (outdated !== undefined)
    return { hint: `${outdated} needs ${version}, which this machine is too old for. Upgrade it: pacman -Syu` };
  const [, loaded, library] = absentLibrary.exec(output) ?? [];
  if (loaded !== undefined)
    return { hint: `${loaded} needs ${library}, which is missing. Find its package: pacman -F ${library}` };
  for (const pattern of absent) {
    const tool = pattern.exec(output)?.[1];
    // With it the build would only get as far as the closed network.
    if (tool === undefined || (isOffline && /^(wget|curl|git)$/.test(tool))) continue;
    const found = packageOf(tool);
    return {
      hint:
        found === undefined
          ? `The program ${tool} is missing. Find its package: pacman -F ${tool}`
          : `The program ${tool} is missing. Install it: pacman -S ${found}`,
    };
  }
  return undefined;
}

/** As gcc and clang refuse an option or a plugin that is not theirs. */
const refusedOption =
  /unrecognized (?:command-line|command line|debug output) option|: error: (?:unknown argument|unsupported option|unsupported argument)|incompatible gcc\/plugin versions/;
/** As Kbuild names both compilers (the kernel's Makefile, target `prepare`). */
const twoCompilers = /^ *The kernel was built by: *(\S.*)\n *You are using: *(\S.*)$/m;

/** The compiler does not know an option of the kernel's, and Kbuild has warned that it is not the kernel's compiler. */
function otherCompiler({ output }: FailureEvidence): Hint | undefined {
  const [, theirs, ours] = twoCompilers.exec(output) ?? [];
  if (theirs === undefined || !refusedOption.test(output)) return undefined;
  return {
    sentence: `The kernel was built by ${theirs}; here is ${ours}.`,
    hint: theirs.includes("clang")
      ? "Install the kernel's compiler: pacman -S clang lld llvm"
      : "Bring the kernel and the compiler to the same state: pacman -Syu",
  };
}

/** A makefile asks for the running kernel, and its directory or its release is where the build has failed. */
function runningKernel({ output, runningKernelLines, release, running, step }: FailureEvidence): Hint | undefined {
  const [first] = runningKernelLines;
  if (first === undefined || running === release) return undefined;
  if (!output.includes(`/${running}/`) && step !== "result") return undefined;
  return {
    hint: `${first.path}, line ${first.line}, asks for the running kernel (${running}) instead of the one that is built for (${release}). Report it to the module's maintainer: $(KERNELRELEASE) or $(kernelver) is what it should use.`,
  };
}

function otherModule({ output, exporterOf }: FailureEvidence): Hint | undefined {
  const symbols = [...output.matchAll(/modpost: "([\w.]+)" \[[^\]\n]*\] undefined!/g)].map(([, symbol = ""]) => symbol);
  for (const symbol of symbols) {
    const exporter = exporterOf(symbol);
    if (exporter === undefined) continue;
    const [name] = exporter.split("/");
    return {
      hint: `${symbol} is a symbol of ${exporter}. Add BUILD_DEPENDS[0]="${name}" to dkms.conf, or report that to the module's maintainer.`,
    };
  }
  return undefined;
}

/** Only when nothing else explains it: C that does not compile, or symbols that the kernel does not have. */
function newKernel({ output, release, step }: FailureEvidence): Hint | undefined {
  if (step !== "compiling" || !(hasCompilerError(output) || /modpost: .* undefined!/.test(output))) return undefined;
  return { hint: `The module may not support kernel ${release} yet: look for a newer version.` };
}

function hasCompilerError(output: string): boolean {
  return /^\S+\.(?:c|h|cc|cpp|rs|S)(?::\d+)+: (?:fatal )?error: /m.test(output);
}
