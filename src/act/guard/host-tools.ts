/** Whether the programs that come among a kernel's headers start on this machine: they are linked against libraries that may be as new as they are. */
import { join } from "node:path";
import { targetKind } from "../../system/files/files.ts";
import { machineRoot } from "../../system/files/other-machine.ts";
import { runConfined } from "../../system/sandbox/confine.ts";
import type { View } from "../../system/sandbox/view.ts";

/** Programs that a build of a module runs, below the headers. */
const hostTools = [
  "scripts/basic/fixdep",
  "scripts/mod/modpost",
  "tools/objtool/objtool",
  "tools/bpf/resolve_btfids/resolve_btfids",
  "scripts/gendwarfksyms/gendwarfksyms",
];

/** What the loader says of the first program that does not start; undefined when all of those that are there do. */
export async function brokenHostTool(headers: string, signal: AbortSignal): Promise<string | undefined> {
  const view: View = {
    root: machineRoot(),
    readable: [headers],
    writable: [],
    places: [],
    hidden: [],
    network: false,
    directory: "/",
  };
  for (const tool of hostTools) {
    const path = join(headers, tool);
    if (targetKind(path) !== "file") continue;
    // Without arguments each of them prints its usage, or ends at the end of its input.
    const { status, stderr } = await runConfined(view, [path], { signal, timeoutSeconds: 20 });
    const fault =
      /error while loading shared libraries.*|.*version `[^']+' not found.*|.*: cannot execute.*|execvp .*/.exec(
        stderr,
      );
    if (fault !== null || status === 126)
      return `${path} does not start (${fault?.[0].trim() ?? "it cannot be executed"})`;
  }
  return undefined;
}
