/** Distributions with a stable kernel interface link a module into compatible kernels as well; their own program does that, and exists nowhere else. */
import type { Event } from "../../model/run/outcome.ts";
import { targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** The programs of Red Hat and SUSE, which read the paths of installed modules from stdin. */
const programs: readonly (readonly [string, ...string[]])[] = [
  ["/usr/sbin/weak-modules", "--no-initramfs"],
  ["/usr/lib/module-init-tools/weak-modules2"],
];

/** Tells the distribution's program which module files have come or gone; does nothing where there is none. A failure is a warning. */
export async function updateWeakModules(
  change: "add" | "remove",
  files: readonly string[],
  tell: (event: Event) => void,
): Promise<void> {
  const program = programs.find(([path]) => targetKind(path) === "file");
  if (program === undefined || files.length === 0) return;
  const words = { add: "Linking modules into compatible kernels", remove: "Removing links from compatible kernels" };
  tell({ kind: "note", level: "message", text: words[change] });
  const { status, stderr } = await run([...program, `--${change}-modules`], { input: `${files.join("\n")}\n` });
  if (status !== 0) tell({ kind: "note", level: "warning", text: `${program[0]} failed: ${stderr.trim()}` });
}
