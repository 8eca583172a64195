/** Counts what is compiled in a machine: its compiler reports every C file to a pipe whose other end the test holds. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { generation } from "./generation.ts";
import type { Machine } from "./machine.ts";

export interface CompilerCount {
  /** What was compiled since the last call, sorted: `tiny.c for 6.1.0-56-cloud-amd64`, once for every time. */
  take(): string[];
  close(): void;
}

const pipe = "/opt/compiled";

/** Headers ask for these: Debian 12's for gcc-12 (for gcc where the host has none), newer ones for the full name. */
function compilers(machine: Machine): string[] {
  if (generation === "newest") {
    return machine.list("/usr/bin").filter((name) => /^x86_64-linux-gnu-gcc-\d+$/.test(name));
  }
  return [machine.exists("/usr/bin/gcc-12") ? "gcc-12" : "gcc"];
}

/** A pipe can be written to from a sandbox in which every file system is read-only, so nothing that is compiled goes unseen. */
const wrapper = (compiler: string): string => `#!/bin/sh
for word; do
  case $word in
    *.mod.c | *module-common.c | /dev/null) ;;
    *.c) echo "\${word##*/} for $KERNELRELEASE" >${pipe} ;;
  esac
done
exec ${compiler}.real "$@"
`;

/** Puts the wrapper in the compiler's place. */
export async function countCompiler(machine: Machine): Promise<CompilerCount> {
  await machine.need(["mkfifo", "--mode=666", pipe]);
  for (const name of compilers(machine)) {
    await machine.need(["mv", `/usr/bin/${name}`, `/usr/bin/${name}.real`]);
    machine.write(`/usr/bin/${name}`, wrapper(name), 0o755);
  }
  // Open for writing as well: the pipe then always has a reader and a writer, and neither end ever waits.
  const descriptor = openSync(machine.path(pipe), constants.O_RDWR | constants.O_NONBLOCK);
  return { take: () => linesIn(descriptor), close: () => closeSync(descriptor) };
}

function linesIn(descriptor: number): string[] {
  const buffer = Buffer.alloc(65_536);
  let text = "";
  try {
    for (;;) text += buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}
