/** Finds out how a kernel was built: compiler, linker, signing. */
import { configText } from "../../model/kernel/kernel-build-facts.ts";
import type { KernelBuildFacts, KernelConfig } from "../../model/kernel/kernel-build-facts.ts";
import { declaredCompiler } from "../../model/kernel/kernel-variables.ts";
import { compilerName } from "../../model/kernel/programs.ts";
import { readPart } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { isProgram } from "../../system/process/processes.ts";
import { imageComment } from "./image-comment.ts";
import { kernelConfigPath, readKernelConfig } from "./kernel-config.ts";

/** Which kernel. */
export interface BuildFactsRequest {
  /** The directory that modules are built against: `/usr/lib/modules/<release>/build`. */
  readonly headers: string;
  /** The configuration that the user names; without it the one among the headers. */
  readonly config?: string | undefined;
}

/** Collects the facts; what cannot be found out is left out. Everything is read as data: headers may come from strangers, and nothing of theirs is run. */
export function readKernelBuildFacts(request: BuildFactsRequest): KernelBuildFacts {
  const configPath = kernelConfigPath(request.headers, request.config);
  const config = readKernelConfig(configPath);
  return {
    configPath,
    config,
    compiler: compilerOf(request, config),
    llvm: isBuiltByClang(request, config),
    makesBtf:
      config?.options.get("CONFIG_DEBUG_INFO_BTF_MODULES") === "y" &&
      targetKind(`${request.headers}/vmlinux`) === "file",
    signatureHash: configText(config, "CONFIG_MODULE_SIG_HASH") || undefined,
  };
}

/** Programs that headers name are run by root: only compilers of the machine count, by their plain names. */
function compilerOf({ headers }: BuildFactsRequest, config: KernelConfig | undefined): KernelBuildFacts["compiler"] {
  const found: { -readonly [name in keyof KernelBuildFacts["compiler"]]: string } = {};
  // Debian's headers name it in a makefile of their own.
  const declared = declaredCompiler(smallText(`${headers}/.kernelvariables`));
  if (declared !== undefined) found.CC = declared;
  const command = compilerName(configText(config, "CONFIG_CC_VERSION_TEXT")?.trim().split(/\s+/)[0] ?? "");
  const isClang = config?.options.get("CONFIG_CC_IS_CLANG") === "y";
  if (isClang) found.CC = found.KERNEL_CC = "clang";
  else if (command !== undefined && isProgram(`/usr/bin/${command}`)) found.CC = found.KERNEL_CC = command;
  if (config?.options.get("CONFIG_LD_IS_LLD") === "y") found.LD = found.KERNEL_LD = "ld.lld";
  return found;
}

function smallText(path: string): string {
  return targetKind(path) === "file" ? (readPart(path, 0, 65_536)?.toString("utf8") ?? "") : "";
}

/** What the kernel image itself says beats its configuration. */
function isBuiltByClang({ headers }: BuildFactsRequest, config: KernelConfig | undefined): boolean {
  const comment = imageComment(`${headers}/vmlinux`);
  return comment === undefined ? config?.options.get("CONFIG_CC_IS_CLANG") === "y" : comment.includes("clang");
}
