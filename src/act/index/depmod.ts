/** Brings a kernel's module index up to date, by kmod's depmod. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { KernelId } from "../../model/pair.ts";
import { readKernel } from "../../observe/kernel/kernels.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { makeLink } from "../../system/writing/durable-files.ts";
import { makeDirectory, makeTemporaryDirectory, removeTree } from "../../system/writing/file-changes.ts";
import { fileFacts, realPath, targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { keepingIndex } from "./kept-index.ts";
import { clearUnfinishedIndex, tidyKernel } from "./tidy.ts";

/** Install trees that depmod knows by itself. */
const systemTrees: readonly string[] = ["/usr/lib/modules", "/lib/modules"];

/**
 * Runs depmod for a kernel. A kernel without index that is not there either (only headers, only leftovers) needs none: `skipped`. When the index of a
 * removed kernel has become empty, its files and the directory go: `tidied`. Throws `depmod-failed`: the objects are in place then, but modprobe
 * does not find them.
 */
export async function refreshIndex(layout: Layout, kernel: KernelId): Promise<"done" | "skipped" | "tidied"> {
  const directory = kernelDirectory(layout, kernel.release);
  const index = join(directory, "modules.dep");
  const { modules } = readKernel(layout, kernel);
  if (modules === "absent" || (modules === "leftover" && targetKind(index) !== "file")) return "skipped";
  clearUnfinishedIndex(directory);
  await keepingIndex(directory, () => runDepmod(layout, kernel));
  if (modules === "present" || fileFacts(index)?.size !== 0) return "done";
  return tidyKernel(layout, kernel) === "removed" ? "tidied" : "done";
}

async function runDepmod(layout: Layout, kernel: KernelId): Promise<void> {
  const real = realPath(layout.installTree);
  const isSystem = systemTrees.some((tree) => realPath(tree) === real);
  const map = `/boot/System.map-${kernel.release}`;
  const symbols = isSystem && targetKind(map) === "file" ? ["-F", map] : [];
  if (isSystem) await depmod(kernel, symbols);
  else await depmodElsewhere(layout.installTree, kernel);
}

/** depmod takes a tree elsewhere only as `lib/modules` below a directory (which of the two names below is built in): links make it so. */
async function depmodElsewhere(installTree: string, kernel: KernelId): Promise<void> {
  const base = makeTemporaryDirectory(join(callerEnvironment()["TMPDIR"] ?? "/tmp", "dkms-depmod-"));
  try {
    for (const directory of ["lib", "usr/lib"]) {
      makeDirectory(join(base, directory));
      makeLink(realPath(installTree) ?? installTree, join(base, directory, "modules"));
    }
    await depmod(kernel, ["-b", base]);
  } finally {
    removeTree(base);
  }
}

/** What depmod (kmod 30) says when it could not write one of its files; it exits with 0 anyway. */
const unwritten = /^depmod: (?:ERROR|FATAL): (?:(?:openat|renameat)\(\/|Could not create index )/m;

async function depmod({ release }: KernelId, options: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await run(["depmod", ...options, release], { environment: { LC_ALL: "C" } });
  const isUnwritten = unwritten.test(stderr);
  if (status === 0 && !isUnwritten) return;
  const output = `${stderr}${stdout}`.trim();
  const how = isUnwritten ? ": it could not write the index" : ` with status ${status}`;
  throw new DkmsError("depmod-failed", `depmod failed for kernel ${release}${how}.`, {
    kernel: release,
    hint: `What is installed is in its place, but modprobe does not find all of it yet: run depmod ${release}`,
    ...(output === "" ? {} : { excerpt: output.split("\n").slice(0, 10) }),
  });
}
