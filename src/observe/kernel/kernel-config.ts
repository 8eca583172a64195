/** Finds and reads a kernel's configuration. */
import type { KernelConfig } from "../../model/kernel/kernel-build-facts.ts";
import { readBytes } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { keepRecent, recentAnswer, recentKey } from "../recent-answers.ts";

/** Where a kernel's configuration is looked for: the path that the user gives, else the build system's own, else `.config`. */
export function kernelConfigPath(headers: string, given?: string): string {
  if (given !== undefined) return given;
  const generated = `${headers}/include/config/auto.conf`;
  return targetKind(generated) === "file" ? generated : `${headers}/.config`;
}

/** The text that was asked last: a kernel is asked several questions in a row, and the texts of a thousand kernels would fill the memory. */
let latest: { readonly key: string | undefined; readonly text: Buffer } | undefined;

/** A configuration, read when somebody asks for one of its options; undefined when there is no such file. */
export function readKernelConfig(path: string): KernelConfig | undefined {
  if (targetKind(path) !== "file") return undefined;
  const key = recentKey("config", [path]);
  const known = recentAnswer<KernelConfig>(key);
  if (known !== undefined) return known;
  const answers = new Map<string, string | undefined>();
  const text = (): Buffer => {
    if (key === undefined || latest?.key !== key) latest = { key, text: readBytes(path) ?? Buffer.alloc(0) };
    return latest.text;
  };
  const get = (option: string): string | undefined => {
    if (!answers.has(option)) answers.set(option, configOption(text(), option));
    return answers.get(option);
  };
  return keepRecent<KernelConfig>(key, { path, options: { get } });
}

/** The value of `CONFIG_X` in a `.config` or `auto.conf`, as written; the last line of that name counts. Undefined where none sets it. */
export function configOption(text: Buffer, option: string): string | undefined {
  if (!/^CONFIG_[^=\n]*$/.test(option)) return undefined;
  const begin = Buffer.from(`\n${option}=`);
  const line = text.lastIndexOf(begin);
  if (line < 0 && text.indexOf(begin.subarray(1)) !== 0) return undefined;
  // Without a line before it, `line` is -1, where that line would end.
  const from = line + begin.length;
  const end = text.indexOf("\n", from);
  return text.toString("utf8", from, end < 0 ? text.length : end).trimEnd();
}
