/** Faults in programs that dkms-alpm starts: strace(1) stands in front of them and fails one of their calls. */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { findBuildUser } from "../../../src/system/sandbox/build-user.ts";
import type { FaultMachine, Run } from "./fault-machine.ts";
import type { Fault } from "./faults.ts";
import { places } from "./fault-machine.ts";
import type { Strike } from "./play.ts";

/** A call of a tool: the n-th of its name in each process of it. */
export interface ToolCall {
  readonly tool: string;
  readonly call: string;
  readonly number: number;
  readonly path: string;
}

const orderFile = "/opt/faults/tool";
const traceFile = "/opt/faults/tool.log";

const traced =
  "openat,creat,write,pwrite64,copy_file_range,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,chmod,fchmod,fchmodat,fchown,utimensat,ftruncate,fallocate,mount,pivot_root,vfork,clone,clone3";

/** Puts a stand-in in front of each tool; it becomes the tool at once unless a fault is meant for it. */
export async function standInFor(machine: FaultMachine, tools: readonly string[]): Promise<void> {
  await machine.need(["mkdir", "-p", "/opt/real"]);
  machine.write(orderFile, "");
  machine.write(traceFile, "");
  // Builds are closed off from the machine, and their stand-ins write down what they do, as the user who builds.
  machine.write("/etc/dkms-alpm.conf", "[Build]\nWritable = /opt/faults\n");
  const { uid, gid } = findBuildUser(machine.read("/etc/passwd"));
  await machine.need(["chown", "-R", `${uid}:${gid}`, "/opt/faults"]);
  for (const tool of tools) {
    const found = (await machine.need(["sh", "-c", `command -v ${tool}`])).trim();
    const real = (await machine.need(["readlink", "-f", found])).trim();
    // A program of several names is asked by the name that it is called by.
    await machine.need([
      "sh",
      "-euc",
      `if [ -L ${found} ]; then ln -s ${real} /opt/real/${tool}; rm ${found}; else mv ${found} /opt/real/${tool}; fi`,
    ]);
    machine.write(found, standIn(tool), 0o755);
  }
}

const standIn = (tool: string): string => `#!/bin/sh
read -r name options <${orderFile}
[ "$name" = ${tool} ] || exec /opt/real/${tool} "$@"
exec strace -f -qq -y -A -o ${traceFile} -e trace=${traced} $options /opt/real/${tool} "$@"
`;

function arm(machine: FaultMachine, text: string): void {
  truncateSync(machine.path(traceFile));
  writeFileSync(machine.path(orderFile), text);
}

/** Gives what strace has written down since. */
function disarm(machine: FaultMachine): string {
  writeFileSync(machine.path(orderFile), "");
  return readFileSync(machine.path(traceFile), "utf8");
}

/** Lets a run happen and gives the calls by which a tool changes files, or what only sandboxes have. */
export async function toolCalls(machine: FaultMachine, run: Run, tool: string): Promise<readonly ToolCall[]> {
  arm(machine, `${tool}\n`);
  const { status, output } = await machine.play(run);
  const trace = disarm(machine);
  if (status !== 0) throw new Error(`under strace ${tool} makes it leave with ${status}: ${output}`);
  const counts = new Map<string, number>();
  const calls = new Map<string, ToolCall>();
  for (const line of trace.split("\n")) {
    const [, pid = "", call = "", words = ""] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    if (call === "") continue;
    const number = (counts.get(`${pid} ${call}`) ?? 0) + 1;
    counts.set(`${pid} ${call}`, number);
    const path = changedPath(tool, call, words);
    const key = `${call} ${number}`;
    if (path !== undefined && !calls.has(key)) calls.set(key, { tool, call, number, path });
  }
  return [...calls.values()];
}

/** What a call changes; undefined for nothing that matters. */
function changedPath(tool: string, call: string, words: string): string | undefined {
  if (tool === "make") return /^v?fork|^clone/.test(call) ? tool : undefined;
  if (/fork|clone/.test(call)) return undefined;
  if (tool === "bwrap") return call === "openat" && !words.includes("O_CREAT") ? undefined : tool;
  if (call === "openat" && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(words)) return undefined;
  const found = [...words.matchAll(/<(\/[^<>]*)>|"(\/(?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? match[2] ?? "");
  return found.find((path) => places.some((place) => path.startsWith(`${place}/`)));
}

/** A fault at a call of a tool. */
export function toolStrike(machine: FaultMachine, fault: Fault, { tool, call, number, path }: ToolCall): Strike {
  const what = fault.error === 0 ? "signal=SIGKILL" : `error=${fault.name}`;
  return {
    name: `${call} number ${number} of ${tool}`,
    victim: "tool",
    isKill: fault.error === 0,
    words: fault.words,
    comparison: tool === "strip" || tool === "zstd" ? "plain" : "exact",
    begin: () => arm(machine, `${tool} -e inject=${call}:${what}:when=${number}\n`),
    end: () => {
      const trace = disarm(machine);
      const isHit = trace.includes("(INJECTED)") || trace.includes("+++ killed by SIGKILL +++");
      return isHit ? { path, extent: "from there on" } : undefined;
    },
  };
}
