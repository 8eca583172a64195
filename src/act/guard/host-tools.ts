/**
 * Whether incoming programs start on this machine: those among a kernel's headers are linked against libraries that may be as new as they are, and an
 * incoming compiler needs libraries, or a running kernel, that may not be here yet.
 */
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

/** What shows that each program of the toolchain starts, with those that it starts in turn. */
const toolchain: readonly (readonly [string, ...string[]])[] = [
  ["bash", "-c", ":"],
  ["make", "--version"],
  ["ld", "--version"],
  ["ld.lld", "--version"],
  ...["gcc", "clang"].map((name) => [name, "-pipe", "-x", "c", "-c", "/dev/null", "-o", "/dev/null"] as const),
  ["pahole", "--version"],
];

/** What the loader says of the first program that does not start; undefined when all of those that are there do. */
export async function brokenHostTool(headers: string, signal: AbortSignal): Promise<string | undefined> {
  const tools = hostTools.map((tool) => join(headers, tool)).filter((path) => targetKind(path) === "file");
  const faults = await Promise.all(tools.map((path) => faultOf(path, headers, signal)));
  return faults.find((fault) => fault !== undefined);
}

async function faultOf(path: string, headers: string, signal: AbortSignal): Promise<string | undefined> {
  // Without arguments each of them prints its usage, or ends at the end of its input.
  const { status, stderr } = await runConfined(seeing([headers]), [path], { signal, timeoutSeconds: 20 });
  const fault = faultIn(stderr);
  if (fault === undefined && status !== 126) return undefined;
  return `${path} does not start (${fault ?? "it cannot be executed"})`;
}

/** The same of the programs that every build runs. */
export async function brokenToolchain(signal: AbortSignal): Promise<string | undefined> {
  for (const words of toolchain) {
    if (targetKind(`/usr/bin/${words[0]}`) !== "file") continue;
    const { status, stderr } = await runConfined(seeing([]), words, { signal, timeoutSeconds: 20 });
    if (status === 0) continue;
    const why = faultIn(stderr) ?? stderr.trim().split("\n").at(-1) ?? "";
    return `the ${words[0]} of this transaction does not run here before it is installed (${why})`;
  }
  return undefined;
}

function seeing(readable: readonly string[]): View {
  return { root: machineRoot(), readable, writable: [], places: [], hidden: [], network: false, directory: "/" };
}

/** In the first lines: a program of strangers may write as much as it likes. */
function faultIn(output: string): string | undefined {
  const stderr = output.slice(0, 20_000);
  const fault =
    /error while loading shared libraries.*|.*version `[^']+' not found.*|.*: cannot execute.*|execvp .*/.exec(stderr);
  return fault?.[0].trim();
}
