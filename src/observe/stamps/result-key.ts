/** The key of a build's result: everything that decides about its bytes, as one digest. */
import { join } from "node:path";
import type { Directives } from "../../model/conf/directives.ts";
import type { KernelBuildFacts } from "../../model/kernel/kernel-build-facts.ts";
import { resultDirectory, sourceLink, type Layout } from "../../model/machine/layout.ts";
import { moduleName, nameFault } from "../../model/names.ts";
import { kernelText, moduleText, type Pair } from "../../model/pair.ts";
import { digestOfFile, sha256 } from "../../system/files/digests.ts";
import { fileKind, listTree, realPath } from "../../system/files/files.ts";
import { incomingVersions } from "../../system/files/other-machine.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import { readActive } from "../tree/tree.ts";
import { InputReader } from "./inputs.ts";
import { programDigest } from "./program-digests.ts";
import { dropIns } from "./drop-ins.ts";

/** How far a build is separated from the machine: what it can reach may decide about its bytes. */
interface Separated {
  readonly isClosed: boolean;
  readonly network: "yes" | "no";
  readonly readable: readonly string[];
  readonly writable: readonly string[];
}

/** A build that is about to be made. */
export interface KeySubject {
  readonly pair: Pair;
  readonly directives: Directives;
  readonly objects: Directives["objects"];
  readonly kernelSource: string;
  readonly facts: KernelBuildFacts;
  readonly variables: Readonly<Record<string, string>>;
  readonly separated: Separated;
  /** Digest of source, headers, overrides and the programs of the toolchain. */
  readonly content: string;
}

/** The key, 64 hexadecimal digits. */
export async function resultKey(layout: Layout, subject: KeySubject): Promise<string> {
  const { pair, directives, objects, kernelSource, facts, variables, separated, content } = subject;
  const compiler = variables["CC"] ?? facts.compiler.CC ?? (facts.llvm ? "clang" : "gcc");
  return sha256(
    JSON.stringify([
      "format 3",
      ...[moduleText(pair.module), kernelText(pair.kernel), kernelSource, content],
      ...[directives, objects, facts.compiler, facts.llvm, Object.entries(variables).toSorted()],
      // Settings that name the same in another order, or twice, open the same.
      ...[separated.isClosed, separated.network, namesOf(separated.readable), namesOf(separated.writable)],
      ...(await Promise.all([compilerIdentity(layout, compiler, facts.compiler.LD ?? "ld"), compilerPackages()])),
      ...directives.buildDepends.map((name) => dependencyIdentity(layout, name, pair)),
    ]),
  );
}

function namesOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].toSorted();
}

const identities = new Map<string, Promise<readonly string[]>>();

/** Digests of the compiler that the kernel asks for, of the program behind that driver, and of what links. Found out once a run. */
function compilerIdentity(layout: Layout, compiler: string, linker: string): Promise<readonly string[]> {
  const key = `${compiler} ${linker}`;
  const known = identities.get(key) ?? readCompiler(layout, compiler, linker);
  identities.set(key, known);
  return known;
}

async function readCompiler(layout: Layout, compiler: string, linker: string): Promise<readonly string[]> {
  // In `ccache gcc` the compiler is what comes last.
  const words = compiler
    .trim()
    .split(/\s+/)
    .filter((word) => !word.startsWith("-"));
  const driver = words.at(-1) || "gcc";
  const { stdout } = await run([driver, "-print-prog-name=cc1"], { timeoutSeconds: 20 });
  const programs = [...words.slice(0, -1), driver, stdout.trim(), linker, ...tools].map((program) => {
    const path = program.startsWith("/") ? program : findProgram(program);
    const real = path === undefined ? undefined : realPath(path);
    return real === undefined ? `${program} absent` : `${program} ${real} ${programDigest(layout, real)}`;
  });
  return [...programs, ...dropIns(stdout.trim())];
}

/** What else of binutils and the like makes objects, or changes them. */
const tools = ["as", "ar", "nm", "objcopy", "strip", "pahole"];

/** Versions of the packages that compilers come in: their libraries are too many to be read. */
const packages = ["gcc", "gcc-libs", "binutils", "clang", "llvm", "llvm-libs", "lld", "pahole"];
let versions: Promise<string> | undefined;

/** A line for each that is installed, or will be on the machine that a test is about. */
async function compilerPackages(): Promise<string> {
  const incoming = incomingVersions();
  versions ??= run(["pacman", "-Q", "--", ...packages], { timeoutSeconds: 20 }).then(({ stdout }) => stdout);
  const installed = new Map((await versions).split("\n").map((line) => line.split(" ", 2) as [string, string]));
  return packages
    .flatMap((name) => {
      const version = incoming.get(name) ?? installed.get(name);
      return version === undefined ? [] : `${name} ${version}\n`;
    })
    .join("");
}

/** Begins to ask for them, for those who have something else to do until they need a key. */
export function askForPackages(): void {
  // Whoever needs them gets the failure as well.
  compilerPackages().catch(() => undefined);
}

const sources = new InputReader();

/** What a build can see of a dependency: its source, and its result but for the objects, whose signatures differ from build to build. */
function dependencyIdentity(layout: Layout, name: string, { kernel }: Pair): string {
  const active = nameFault(name) === undefined ? readActive(layout, moduleName(name), kernel) : undefined;
  if (active === undefined) return `${name} absent`;
  const result = resultDirectory(layout, active);
  const files = listTree(result)
    .filter(({ path, kind }) => kind === "file" && !/^(log\/|\.dep_|module\/.*\.ko(\.\w+)?$)/.test(path))
    .map(({ path }) => `${path} ${digestOfFile(join(result, path))}`);
  const source = realPath(sourceLink(layout, active.module));
  const content =
    source === undefined || fileKind(source) !== "directory"
      ? "absent"
      : sources.digests({ source, headers: "/nonexistent", overrides: [] }).content();
  return [moduleText(active.module), content, ...files].join("\n");
}
