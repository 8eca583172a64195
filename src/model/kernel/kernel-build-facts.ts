/** What building modules for a kernel has to know about how the kernel itself was built. */

/** A kernel configuration: `CONFIG_X` to its value as written, quotes included; options that are not set have none. */
export interface KernelConfig {
  readonly path: string;
  readonly options: Pick<ReadonlyMap<string, string>, "get">;
}

/** Facts about one kernel. */
export interface KernelBuildFacts {
  /** Where the configuration was looked for. */
  readonly configPath: string;
  /** Undefined when there is no such file. */
  readonly config: KernelConfig | undefined;
  /** Variables that the build exports so that modules get the kernel's compiler: CC, KERNEL_CC, LD, KERNEL_LD, as far as they are known. */
  readonly compiler: Readonly<Partial<Record<"CC" | "KERNEL_CC" | "LD" | "KERNEL_LD", string>>>;
  /** `yes`: the kernel was built by clang, so ` LLVM=1` is appended to every make command. */
  readonly llvm: boolean;
  /** Kbuild gives modules type information (BTF), for which it runs pahole: the headers have the kernel's own in vmlinux. */
  readonly makesBtf: boolean;
  /** CONFIG_MODULE_SIG_HASH without quotes: `sha512`; undefined when the kernel does not know signed modules. */
  readonly signatureHash: string | undefined;
}

/** The value of an option without the quotes of a string option; undefined when it is not set. */
export function configText(config: KernelConfig | undefined, option: string): string | undefined {
  const value = config?.options.get(option);
  if (value === undefined) return undefined;
  return /^"(.*)"$/s.exec(value)?.[1] ?? value;
}

/** Whether an option is built in or a module. */
export function isEnabled(config: KernelConfig, option: string): boolean {
  const value = config.options.get(option);
  return value === "y" || value === "m";
}
