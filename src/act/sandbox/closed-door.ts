/** What a closed build was kept from, in words: told from the output of the command that failed. */
import type { SandboxSettings } from "../compile/input.ts";
import { leftRunning } from "./left-running.ts";
import { refusedReads, refusedWrites, wantedNetwork } from "../compile/excerpt.ts";

/** One sentence, and what can be done; undefined when nothing in the output speaks of a closed door. */
export function closedDoor(
  settings: SandboxSettings,
  output: string,
): { readonly sentence: string; readonly hint?: string } | undefined {
  const written = refusedWrites(output);
  if (written.length > 0) {
    const named = written.filter((path) => path.startsWith("/"));
    const where = named.length === 0 ? "outside of its directory" : `to ${named.join(", ")}`;
    return {
      sentence: `It tried to write ${where}; a build may write to its own directory only.`,
      hint: `Writable=${named.join(" ") || "PATH"} under [Build] in /etc/dkms-alpm.conf opens it.`,
    };
  }
  const running = leftRunning(output);
  if (running !== undefined) {
    return {
      sentence: `It left running: ${running}; a build has to end with everything that it starts.`,
      hint: "Sandbox=no under [Build] in /etc/dkms-alpm.conf lets it.",
    };
  }
  const read = refusedReads(output, settings.hidden);
  if (read.length > 0) {
    return { sentence: `It tried to read ${read.join(", ")}, which is hidden from builds.` };
  }
  if (settings.network === "no" && wantedNetwork(output) === "yes") {
    return {
      sentence: "It tried to reach the network, which is closed to builds.",
      hint: "Network=yes under [Build] in /etc/dkms-alpm.conf opens it.",
    };
  }
  return undefined;
}
