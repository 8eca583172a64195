/** Kernels whose modules cannot be built, or had better not be: headers that are missing, a compiler that is another one than the kernel's. */
import coerce from "semver/functions/coerce.js";
import type { Health, HealthFinding } from "../../model/health/health.ts";
import { configText } from "../../model/kernel/kernel-build-facts.ts";
import { kernelText, moduleText, pairKey, sameKernel, type Pair } from "../../model/pair.ts";
import { isProvided } from "../../model/machine/lookup.ts";
import { otherHeaders, type Kernel, type Module, type World } from "../../model/machine/world.ts";

/** Kernels that dkms builds for here: those with modules of their own that a package owns, that hold a pair already, or all when the settings say so. */
export function servedKernels({ world }: Pick<Health, "world">): readonly Kernel[] {
  return world.kernels.filter(
    (kernel) =>
      kernel.modules === "present" &&
      (kernel.pkgbase !== undefined || world.kernelChoice === "all" || pairsOf(world, kernel).length > 0),
  );
}

/** One finding for every kernel without headers for which some module is wanted. */
export function headersFindings(health: Health): readonly HealthFinding[] {
  const { world } = health;
  const others = otherHeaders(world);
  return servedKernels(health).flatMap((kernel): HealthFinding[] => {
    if (kernel.headers !== undefined) return [];
    const wanted = world.modules.filter((module) => module.sourcePresent && isWanted(world, module, kernel));
    if (wanted.length === 0) return [];
    const installed = new Set(
      pairsOf(world, kernel)
        .filter(({ state }) => state === "installed")
        .map(({ pair }) => pair.module.name),
    );
    const missing = wanted.filter(({ id }) => !installed.has(id.name)).map(({ id }) => moduleText(id));
    return [
      {
        code: "headers-missing",
        severity: missing.length > 0 ? "error" : "warning",
        subject: kernel.release,
        what: `The headers of kernel ${kernel.release} are not installed.${others.length === 0 ? "" : ` There are headers for ${others.join(", ")}, which is another release.`}`,
        why:
          missing.length > 0
            ? `Without them nothing can be built for it: ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing there.`
            : "Its modules are installed, but none of them can be built again.",
        fix:
          kernel.pkgbase === undefined
            ? `Install the headers that belong to ${kernel.release}`
            : others.length === 0
              ? `pacman -S ${kernel.pkgbase}-headers`
              : `pacman -Syu ${kernel.pkgbase} ${kernel.pkgbase}-headers`,
      },
    ];
  });
}

/** One finding for every kernel whose modules would be built by another compiler, or another major version of it, than the kernel was. */
export function compilerFindings(health: Health): readonly HealthFinding[] {
  const { world, compilers } = health;
  if (!world.modules.some(({ sourcePresent }) => sourcePresent)) return [];
  return servedKernels(health).flatMap((kernel): HealthFinding[] => {
    const facts = world.facts.get(kernelText(kernel));
    const built = configText(facts?.config, "CONFIG_CC_VERSION_TEXT")?.trim();
    if (facts === undefined || built === undefined || built === "") return [];
    const program = facts.compiler.KERNEL_CC ?? facts.compiler.CC ?? (facts.llvm ? "clang" : "gcc");
    const found = compilers.get(program);
    const [ours, theirs] = [compilerOf(found ?? ""), compilerOf(built)];
    if (found === undefined || ours === undefined || theirs === undefined) return [];
    if (ours.family === theirs.family && ours.major === theirs.major) return [];
    return [
      {
        code: "compiler-differs",
        severity: "warning",
        subject: kernel.release,
        what: `Kernel ${kernel.release} was built by ${theirs.family} ${theirs.version}, its modules would be by ${ours.family} ${ours.version}.`,
        why: "Modules of another compiler may not build, or fail in ways that are hard to explain.",
        fix: theirs.family === "clang" && ours.family !== "clang" ? "pacman -S clang lld llvm" : "pacman -Syu",
      },
    ];
  });
}

/** Takes `gcc (GCC) 14.1.1 20240522` and `Debian clang version 14.0.6` apart; what stands in parentheses is the packager's. */
function compilerOf(text: string): { family: "gcc" | "clang"; major: number; version: string } | undefined {
  const found = coerce(text.replaceAll(/\([^)]*\)/g, " ").replace(/^\S+/, ""));
  if (found === null) return undefined;
  return { family: /\bclang\b/.test(text) ? "clang" : "gcc", major: found.major, version: found.version };
}

function pairsOf(world: World, kernel: Kernel): readonly { readonly pair: Pair; readonly state: string }[] {
  return world.modules.flatMap(({ pairs }) => pairs).filter(({ pair }) => sameKernel(pair.kernel, kernel));
}

/** Its conf does not leave the kernel out, nor refuse to be installed by itself, and the kernel does not get it otherwise. */
function isWanted(world: World, module: Module, kernel: Kernel): boolean {
  const pair: Pair = { module: module.id, kernel };
  const conf = world.confs.get(pairKey(pair));
  if (conf?.kind !== "valid" || isProvided(world, pair)) return false;
  return conf.directives.autoinstall !== "no" && conf.exclusions.pair.length === 0;
}
