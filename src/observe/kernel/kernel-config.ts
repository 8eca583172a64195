/** Finds and reads a kernel's configuration. */
import type { KernelConfig } from "../../model/kernel/kernel-build-facts.ts";
import { readText } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { keepRecent, recentAnswer, recentKey } from "../recent-answers.ts";

/** Where a kernel's configuration is looked for: the path that the user gives, else the build system's own, else `.config`. */
export function kernelConfigPath(headers: string, given?: string): string {
  if (given !== undefined) return given;
  const generated = `${headers}/include/config/auto.conf`;
  return targetKind(generated) === "file" ? generated : `${headers}/.config`;
}

/** A configuration, read when somebody asks for one of its options; undefined when there is no such file. */
export function readKernelConfig(path: string): KernelConfig | undefined {
  if (targetKind(path) !== "file") return undefined;
  const key = recentKey("config", [path]);
  const known = recentAnswer<KernelConfig>(key);
  if (known !== undefined) return known;
  let options: KernelConfig["options"] | undefined;
  return keepRecent<KernelConfig>(key, {
    path,
    get options() {
      options ??= parseKernelConfig(readText(path) ?? "");
      return options;
    },
  });
}

/** `CONFIG_X=value` lines of a `.config` or `auto.conf`; the last one of a name counts. Comments, also `# CONFIG_X is not set`, are passed over. */
export function parseKernelConfig(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (text.startsWith("CONFIG_", start)) {
      const equals = text.indexOf("=", start);
      if (equals > 0 && equals < end) options.set(text.slice(start, equals), text.slice(equals + 1, end).trimEnd());
    }
    start = end + 1;
  }
  return options;
}
