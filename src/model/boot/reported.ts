/** The judgement of the next boot as reports keep it: facts and sentences. */
import type { BootFindings } from "./verdict.ts";

/** What a report says of the next boot. */
export interface ReportedBoot {
  /** Modules that the machine needs to boot, each with how that is known. */
  readonly required: readonly { readonly module: string; readonly because: string }[];
  readonly kernels: readonly ReportedKernel[];
  /** Why no kernel can boot the machine; undefined while one can, or while that is not known. */
  readonly nothingLeft?: string;
}

/** One kernel. */
export interface ReportedKernel extends BootFindings {
  readonly kernel: string;
  readonly arch: string;
  readonly pkgbase?: string;
  readonly verdict: "ready" | "not-ready" | "not-checked";
  /** What is wrong, a sentence each, with what to do about it. */
  readonly problems: readonly ReportedFault[];
  /** What is wrong with entries that do not boot by themselves, such as a fallback image. */
  readonly remarks: readonly ReportedFault[];
  /** What was not looked at. */
  readonly unchecked: readonly string[];
}

/** One thing that is wrong. */
export interface ReportedFault {
  readonly what: string;
  /** Whether the kernel may not boot because of it; otherwise it is a module that nothing says is needed for that. */
  readonly boot: boolean;
  /** What to do. */
  readonly fix?: string;
}
