/** Programs that builds on this machine need and that are not there. */
import type { Health, HealthFinding } from "../../model/health/health.ts";
import type { Suffix } from "../../model/kernel-object.ts";
import { kernelText } from "../../model/pair.ts";
import { programPackages, type ProgramName } from "../../model/kernel/programs.ts";
import { servedKernels } from "./kernels.ts";

/** One finding for every program that is missing; without any module nothing is needed. */
export function toolFindings(health: Health): readonly HealthFinding[] {
  return [...neededPrograms(health)]
    .filter(([name]) => !health.programs.has(name))
    .map(([name, why]) => ({
      code: "tool-missing",
      severity: name === "bwrap" ? "warning" : "error",
      subject: name,
      what: `${name} is not installed.`,
      why,
      fix: `pacman -S ${programPackages[name]}`,
    }));
}

const compressors: Readonly<Record<Exclude<Suffix, "">, ProgramName>> = { ".gz": "gzip", ".xz": "xz", ".zst": "zstd" };

/** What this machine's kernels and modules take, each with the reason. */
function neededPrograms(health: Health): ReadonlyMap<ProgramName, string> {
  const { world } = health;
  const needed = new Map<ProgramName, string>();
  if (!world.modules.some(({ sourcePresent }) => sourcePresent)) return needed;
  needed.set("bash", "dkms.conf files are shell, and nothing else evaluates them.");
  needed.set("make", "Modules are built by it.");
  needed.set("depmod", "Without it the kernel does not find modules that are installed.");
  needed.set("modinfo", "Without it versions of modules cannot be compared.");
  needed.set("flock", "It keeps two runs of dkms apart.");
  if (health.sandbox === "auto") needed.set("bwrap", "Without it builds run unprotected, one after the other.");
  for (const kernel of servedKernels(health)) {
    const facts = world.facts.get(kernelText(kernel));
    const isClang = facts?.llvm;
    const why = `Kernel ${kernel.release} is built with ${isClang ? "clang, and its modules have to be" : "it, and so are its modules"}.`;
    for (const name of isClang ? clang : gcc) if (!needed.has(name)) needed.set(name, why);
    if (facts?.makesBtf)
      needed.set(
        "pahole",
        `Kernel ${kernel.release} has vmlinux among its headers: Kbuild runs pahole for every module.`,
      );
    const suffix = health.suffixes.get(kernel.release) ?? "";
    if (suffix !== "") needed.set(compressors[suffix], `The modules of kernel ${kernel.release} end in ${suffix}.`);
  }
  const patched = [...world.confs.values()].some((conf) => conf.kind === "valid" && conf.directives.patches.length > 0);
  if (patched) needed.set("patch", "A module's dkms.conf names patches.");
  return needed;
}

const gcc: readonly ProgramName[] = ["gcc", "ld", "strip"];
const clang: readonly ProgramName[] = ["clang", "ld.lld", "llvm-strip"];
