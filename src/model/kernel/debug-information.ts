/** Whether the compiler can be spared the debug information of a module's objects. Pure. */
import { isEnabled, type KernelConfig } from "./kernel-build-facts.ts";

/** What decides. */
export interface DebugSubject {
  /** The kernel's configuration; undefined when nobody knows it. */
  readonly config: KernelConfig | undefined;
  /** `present`: the kernel's own types are among the headers, so type information (BTF) of modules is made from their debug information. */
  readonly image: "present" | "absent";
  /** Whether each wanted object is stripped. */
  readonly objects: readonly { readonly strip: boolean }[];
  /** Texts in which somebody may have flags of their own: what the administrator exports, and the make command. */
  readonly variables: Readonly<Record<string, string>>;
  readonly make: string | undefined;
  /** Whether the module's own files speak of KCFLAGS: a makefile may set them only where nobody else has. */
  readonly mention: boolean;
}

/**
 * `needless`: the kernel's makefiles ask for debug information that `strip` takes away again and that nothing is made from in between. What the
 * compiler makes besides is the same with and without it.
 */
export function debugInformation(subject: DebugSubject): "needless" | "kept" {
  const { config, image, objects, variables, make, mention } = subject;
  if (config === undefined || !isEnabled(config, "CONFIG_DEBUG_INFO")) return "kept";
  if (image === "present" && isEnabled(config, "CONFIG_DEBUG_INFO_BTF_MODULES")) return "kept";
  // Versions of exported symbols are made from it.
  if (isEnabled(config, "CONFIG_GENDWARFKSYMS")) return "kept";
  if (objects.some(({ strip }) => !strip)) return "kept";
  const isOwn = "KCFLAGS" in variables || make?.includes("KCFLAGS") === true || mention;
  return isOwn ? "kept" : "needless";
}
