/** Whether builds run in the sandbox on this machine. */
import type { Event } from "../../model/run/outcome.ts";
import { separationHere } from "../../system/sandbox/confine.ts";
import type { SandboxSettings } from "../../model/settings/sandbox-settings.ts";

/** How builds run. */
export type Mode = "closed" | "plain";

let isTold = false;

/** The mode for this machine and these settings; that builds are not confined although they should be is told once. */
export async function chooseMode(settings: SandboxSettings, tell: (event: Event) => void): Promise<Mode> {
  if (settings.sandbox === "no") return "plain";
  const found = await separationHere();
  if (found.kind !== "none") return "closed";
  if (!isTold) {
    isTold = true;
    const text = `Builds are not sandboxed and run as root: ${found.why} Kernels of one module are built one after the other.`;
    tell({ kind: "note", level: "warning", text });
  }
  return "plain";
}

/** Begins to ask, for those who have something else to do until they need the answer. */
export function askForSandbox(settings: Pick<SandboxSettings, "sandbox">): void {
  // Whoever needs the answer gets the failure as well.
  if (settings.sandbox !== "no") separationHere().catch(() => undefined);
}
