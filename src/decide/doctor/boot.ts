/** What the judgement of the next boot says that no other check of the doctor does. */
import type { BootFault, KernelJudgement } from "../../model/boot/verdict.ts";
import { describeFault, nothingLeftWords } from "../../model/boot/words.ts";
import type { Health, HealthFinding } from "../../model/health/health.ts";
import { stopsBoot } from "../boot/judgement.ts";

/** The findings of all kernels; modules that are missing or altered have findings of their own. */
export function bootFindings({ boot, unread = [] }: Health): readonly HealthFinding[] {
  const findings = (boot?.kernels ?? []).flatMap(kernelFindings);
  if (boot?.nothingLeft !== undefined) {
    findings.unshift({
      code: "nothing-to-boot",
      severity: "error",
      subject: "kernels",
      what: nothingLeftWords(boot.nothingLeft),
      ...(boot.nothingLeft.kind === "no-kernel"
        ? { why: "Only a container can do without one.", fix: "Install a kernel: pacman -S linux" }
        : {
            why: "Every installed kernel has a fault for which this machine may not boot.",
            fix: "Begin with one of the kernels; their faults are listed",
          }),
    });
  }
  return [...findings, ...unread.map(unreadFinding)];
}

function kernelFindings(judged: KernelJudgement): readonly HealthFinding[] {
  const { verdict, remarks, kernel } = judged;
  const faults = verdict.kind === "not-ready" ? verdict.faults : [];
  return [
    ...faults.filter((fault) => !hasOwnFinding(fault)).map((fault) => finding(judged, fault, "error")),
    ...remarks.map((fault) => finding(judged, fault, "warning")),
    ...(verdict.kind === "not-checked"
      ? [
          {
            code: "boot-not-checked" as const,
            severity: "note" as const,
            subject: kernel.release,
            what: `Whether ${judged.pkgbase ?? "kernel"} ${kernel.release} is ready to boot was not checked.`,
            why: `${verdict.why[0]?.toUpperCase() ?? ""}${verdict.why.slice(1)}.`,
            fix: "Look at the boot loader's own settings",
          },
        ]
      : []),
  ];
}

function finding(judged: KernelJudgement, fault: BootFault, severity: HealthFinding["severity"]): HealthFinding {
  const { what, fix } = describeFault(fault, judged);
  const name = `${judged.pkgbase ?? "kernel"} ${judged.kernel.release}`;
  return {
    code: codeOf(fault),
    severity,
    subject: judged.kernel.release,
    what: `${name}: ${what}`,
    why: stopsBoot(fault) ? "The machine may not boot with this kernel." : "The module will not be loaded.",
    fix: fix ?? "See dkms report",
  };
}

function codeOf(fault: BootFault): HealthFinding["code"] {
  if (fault.kind === "module-missing" || fault.kind === "module-excluded" || fault.kind === "object-bad") {
    return "boot-module";
  }
  return fault.kind.startsWith("kernel-") || fault.kind === "written-below-mount" ? "boot-kernel" : "boot-image";
}

/** Checks of pairs and headers tell these, with what to do. */
function hasOwnFinding(fault: BootFault): boolean {
  if (fault.kind === "module-missing") return fault.cause.kind !== "no-source" && fault.cause.kind !== "by-hand";
  if (fault.kind !== "object-bad") return false;
  return ["absent", "altered", "unsigned"].includes(fault.defect.kind);
}

function unreadFinding(what: string): HealthFinding {
  return {
    code: "unread",
    severity: "note",
    subject: "unread",
    what: `Not checked: ${what}`,
    why: "This user may not read it, or it could not be read.",
    fix: "sudo dkms doctor",
  };
}
