/** Counts what is compiled in a machine: its compiler reports every C file to a pipe whose other end the test holds. */
import { closeSync, constants, existsSync, openSync, readSync } from "node:fs";
import type { Machine } from "./machine.ts";

export interface CompilerCount {
  /** What was compiled since the last call, sorted: `tiny.c for 6.1.0-56-cloud-amd64`, once for every time. */
  take(): string[];
  close(): void;
}

const pipe = "/opt/compiled";

/** Debian's kernel headers ask for gcc-12 by name; where the host has none, the headers of test kernels ask for gcc. */
const compiler = existsSync("/usr/bin/gcc-12") ? "gcc-12" : "gcc";

/** A pipe can be written to from a sandbox in which every file system is read-only, so nothing that is compiled goes unseen. */
const wrapper = `#!/bin/sh
for word; do
  case $word in
    *.mod.c | /dev/null) ;;
    *.c) echo "\${word##*/} for $KERNELRELEASE" >${pipe} ;;
  esac
done
exec ${compiler}.real "$@"
`;

/** Puts the wrapper in the compiler's place. */
export async function countCompiler(machine: Machine): Promise<CompilerCount> {
  await machine.need(["mkfifo", "--mode=666", pipe]);
  await machine.need(["mv", `/usr/bin/${compiler}`, `/usr/bin/${compiler}.real`]);
  machine.write(`/usr/bin/${compiler}`, wrapper, 0o755);
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
