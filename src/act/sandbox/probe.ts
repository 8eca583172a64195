/** Whether builds can be closed here: asked once, by closing one that does nothing. */
import type { Event } from "../../model/run/outcome.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import type { SandboxSettings } from "../compile/input.ts";
import { isolation } from "./sandbox.ts";

/** How builds run. */
export type Mode = "closed" | "plain";

let answer: Promise<{ readonly mode: Mode; readonly why: string }> | undefined;
let told: "no" | "yes" = "no";

/** The mode for this machine and these settings; that builds are not closed although they should be is told once. */
export async function chooseMode(settings: SandboxSettings, tell: (event: Event) => void): Promise<Mode> {
  if (settings.sandbox === "no") return "plain";
  answer ??= probe();
  const { mode, why } = await answer;
  if (mode === "plain" && told === "no") {
    told = "yes";
    const text = `Builds are not sandboxed: ${why} Kernels of one module are built one after the other.`;
    tell({ kind: "note", level: "warning", text });
  }
  return mode;
}

/** Begins to ask, for those who have something else to do until they need the answer. */
export function askForSandbox(settings: Pick<SandboxSettings, "sandbox">): void {
  if (settings.sandbox === "no") return;
  answer ??= probe();
  // Whoever needs the answer gets the failure as well.
  answer.catch(() => undefined);
}

/** Namespaces can be missing in a container, in a plain chroot, or where an administrator has forbidden them. */
async function probe(): Promise<{ readonly mode: Mode; readonly why: string }> {
  if (findProgram("bwrap") === undefined) return { mode: "plain", why: "bubblewrap is not installed." };
  const { status, stderr } = await run(["bwrap", ...isolation("/"), "--unshare-net", "--tmpfs", "/tmp", "true"], {
    timeoutSeconds: 20,
  });
  const words = stderr.trim().split("\n").at(-1) ?? "";
  return status === 0 ? { mode: "closed", why: "" } : { mode: "plain", why: `bubblewrap fails here (${words}).` };
}
