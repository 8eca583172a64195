/** Finds out how a kernel was built: compiler, linker, signing. */
import { configText } from "../../model/kernel/kernel-build-facts.ts";
import type { KernelBuildFacts, KernelConfig } from "../../model/kernel/kernel-build-facts.ts";
import { targetKind } from "../../system/files/files.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import { kernelConfigPath, readKernelConfig } from "./kernel-config.ts";
import { keepRecent, recentAnswer, recentKey } from "../recent-answers.ts";

/** Which kernel. */
export interface BuildFactsRequest {
  /** The directory that modules are built against: `/usr/lib/modules/<release>/build`. */
  readonly headers: string;
  /** The configuration that the user names; without it the one among the headers. */
  readonly config?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Collects the facts; what cannot be found out is left out, nothing throws. Starts make only for Debian's headers and readelf only beside a vmlinux. */
export async function readKernelBuildFacts(request: BuildFactsRequest): Promise<KernelBuildFacts> {
  const configPath = kernelConfigPath(request.headers, request.config);
  const config = readKernelConfig(configPath);
  return {
    configPath,
    config,
    compiler: await compilerOf(request, config),
    llvm: (await isBuiltByClang(request, config)) ? "yes" : "no",
    signatureHash: configText(config, "CONFIG_MODULE_SIG_HASH") || undefined,
    signatureKey: configText(config, "CONFIG_MODULE_SIG_KEY") || undefined,
  };
}

async function compilerOf(
  request: BuildFactsRequest,
  config: KernelConfig | undefined,
): Promise<KernelBuildFacts["compiler"]> {
  const found: { -readonly [name in keyof KernelBuildFacts["compiler"]]: string } = {};
  const declared = await declaredCompiler(request);
  if (declared !== undefined) found.CC = declared;
  const command = configText(config, "CONFIG_CC_VERSION_TEXT")?.trim().split(/\s+/)[0] ?? "";
  const isClang = config?.options.get("CONFIG_CC_IS_CLANG") === "y";
  const isThere = command.startsWith("/") ? targetKind(command) === "file" : findProgram(command) !== undefined;
  if (isClang) found.CC = found.KERNEL_CC = "clang";
  else if (command !== "" && isThere) found.CC = found.KERNEL_CC = command;
  if (config?.options.get("CONFIG_LD_IS_LLD") === "y") found.LD = found.KERNEL_LD = "ld.lld";
  return found;
}

/** The compiler that Debian's headers name in a makefile of their own; only make can read it. */
async function declaredCompiler({ headers, signal }: BuildFactsRequest): Promise<string | undefined> {
  const makefile = `${headers}/.kernelvariables`;
  if (targetKind(makefile) !== "file") return undefined;
  const key = recentKey("declared compiler", [makefile]);
  return recentAnswer<string>(key) ?? keepRecent(key, await askMake(makefile, signal));
}

async function askMake(makefile: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const escaped = makefile.replaceAll("$", "$$$$").replaceAll(" ", "\\ ").replaceAll("#", "\\#");
  const text = `include ${escaped}\n$(info CC=$(if $(filter default undefined,$(origin CC)),,$(CC)))\nall: ; @:\n`;
  const { status, stdout } = await run(["make", "-s", "-f", "-"], { input: text, signal, timeoutSeconds: 30 });
  const compiler = /^CC=(.*)$/m.exec(stdout)?.[1]?.trim() ?? "";
  return status === 0 && compiler !== "" ? compiler : undefined;
}

/** What the kernel image itself says beats its configuration. */
async function isBuiltByClang(
  { headers, signal }: BuildFactsRequest,
  config: KernelConfig | undefined,
): Promise<boolean> {
  const image = `${headers}/vmlinux`;
  if (targetKind(image) === "file") {
    const argv = ["readelf", "-p", ".comment", image] as const;
    const { status, stdout } = await run(argv, { signal, timeoutSeconds: 30 });
    if (status === 0) return stdout.includes("clang");
  }
  return config?.options.get("CONFIG_CC_IS_CLANG") === "y";
}
