/** Sentences for what is wrong with the next boot: facts, and what to do. */
import type { MissingCause } from "./facts.ts";
import type { ReportedFault } from "./reported.ts";
import type { BootFault, KernelJudgement, NothingLeft, ObjectDefect } from "./verdict.ts";

type JudgedKernel = Pick<KernelJudgement, "kernel" | "pkgbase">;

/** `a`, `a and b`, `a, b and c` */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Why nothing is left to boot. */
export function nothingLeftWords(nothingLeft: NothingLeft): string {
  if (nothingLeft.kind === "no-kernel") return "No kernel is installed: this machine has nothing to boot.";
  const { modules } = nothingLeft;
  return `No installed kernel is ready to boot${modules.length === 0 ? "" : ` with ${list(modules)}`}.`;
}

/** A fault in a sentence, and what to do about it. */
export function describeFault(fault: BootFault, judged: JudgedKernel): ReportedFault {
  const required = "required" in fault ? fault.required : undefined;
  const need = required === undefined ? "" : ` This machine needs ${moduleName(fault)} to boot: ${required}.`;
  const fix = fixOf(fault, judged);
  const boot = !("required" in fault) || required !== undefined;
  return { what: `${faultWords(fault, judged)}.${need}`, boot, ...(fix === undefined ? {} : { fix }) };
}

function moduleName(fault: BootFault): string {
  return "module" in fault ? (fault.module.split(" ", 1)[0] ?? "") : "it";
}

function faultWords(fault: BootFault, { kernel }: JudgedKernel): string {
  switch (fault.kind) {
    case "module-missing":
      return missingWords(fault.module, fault.cause);
    case "module-excluded":
      return `${fault.module} is not installed: BUILD_EXCLUSIVE leaves it out (${fault.why})`;
    case "object-bad":
      return defectWords(fault.path, fault.module, fault.defect);
    case "kernel-other-release":
      return `${fault.path} is kernel ${fault.release}, and /usr/lib/modules has ${kernel.release}`;
    case "kernel-absent":
      return `There is no ${fault.path}`;
    case "kernel-damaged":
      return `${fault.path} is no whole kernel: ${fault.why}`;
    case "image-absent":
      return `There is no ${fault.path}`;
    case "image-damaged":
      return `${fault.path} is no whole image: ${fault.why}`;
    case "image-other-release":
      return `${fault.path} has modules of ${list(fault.releases)}, not of ${kernel.release}`;
    case "image-lacks":
      return `${fault.path} does not contain ${fault.module}`;
    case "image-older":
      return `${fault.path} is older than the installed ${fault.module}, and the ${fault.module} in it is another file`;
    case "no-image":
      return `${fault.from} names no initramfs image, so ${fault.module} is in none`;
    case "written-below-mount":
      return `${fault.mountPoint} is not mounted, so ${fault.path} was written where the boot loader does not find it`;
  }
}

function missingWords(module: string, cause: MissingCause): string {
  switch (cause.kind) {
    case "no-headers":
      return `${module} is not installed: the headers of this kernel are missing`;
    case "not-installed":
    case "by-hand":
      return `${module} is not installed`;
    case "obstacle":
      return `${module} is not installed: ${cause.why.replace(/\.$/, "")}`;
    case "no-source":
      return `${module} is not installed, and no package brings its source`;
  }
}

function defectWords(path: string, module: string, defect: ObjectDefect): string {
  switch (defect.kind) {
    case "absent":
      return `${path} of ${module} does not exist`;
    case "altered":
      return `${path} is not the file that was built for ${module}`;
    case "vermagic":
      return `${path} of ${module} was built for kernel ${defect.vermagic.split(" ", 1)[0]}, and this kernel does not load it`;
    case "machine":
      return `${path} of ${module} was built for ${defect.machine}`;
    case "not-indexed":
      return `${path} of ${module} is not in depmod's index, so nothing finds it`;
    case "unsigned":
      return `${path} of ${module} is not signed, and the kernel refuses it: ${defect.demand}`;
  }
}

/** What to do; a command only where it has not just failed and would not be refused. */
function fixOf(fault: BootFault, { kernel, pkgbase }: JudgedKernel): string | undefined {
  const owner = pkgbase ?? "the kernel's package";
  switch (fault.kind) {
    case "module-missing":
      return missingFix(fault.module, fault.cause, { kernel, pkgbase });
    case "module-excluded":
      return "Keep a kernel that the module supports.";
    case "object-bad":
      return defectFix(fault.module, fault.defect, kernel.release);
    case "written-below-mount":
      return `Mount ${fault.mountPoint}, then reinstall ${owner}: pacman -S ${owner}`;
    case "kernel-other-release":
    case "kernel-absent":
    case "kernel-damaged":
      return `Look whether ${bootDirectory(fault.path)} is mounted and has space, then: pacman -S ${owner}`;
    case "image-absent":
    case "image-damaged":
    case "image-other-release":
    case "image-older":
      return `Look whether ${bootDirectory(fault.path)} has space, then write the image again.`;
    case "image-lacks":
      return "Add it to the settings of the image's generator, then write the image again.";
    case "no-image":
      return "Have an initramfs image written for this kernel.";
  }
}

function missingFix(module: string, cause: MissingCause, { kernel, pkgbase }: JudgedKernel): string | undefined {
  switch (cause.kind) {
    case "no-headers":
      return pkgbase === undefined
        ? "Install the headers of this kernel."
        : `pacman -Syu ${pkgbase} ${pkgbase}-headers`;
    case "no-source":
      return `Install the package of ${module}, or remove what says that it is needed.`;
    case "by-hand":
      return `dkms install ${module.replace(" ", "/")} -k ${kernel.release}`;
    case "not-installed":
    case "obstacle":
      return undefined;
  }
}

/** The usual mount point that a file of the boot loader lies below, otherwise its directory. */
function bootDirectory(path: string): string {
  const usual = ["/boot/efi", "/boot", "/efi"].find((point) => path.startsWith(`${point}/`));
  return usual ?? path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}

function defectFix(module: string, defect: ObjectDefect, release: string): string {
  const text = module.replace(" ", "/");
  switch (defect.kind) {
    case "absent":
    case "altered":
      return `dkms install ${text} -k ${release}`;
    case "not-indexed":
      return `depmod ${release}`;
    case "vermagic":
    case "machine":
      return `Its makefile builds for another kernel: report it to the maintainer of ${module.split(" ", 1)[0]}.`;
    case "unsigned":
      return "See: dkms doctor";
  }
}
