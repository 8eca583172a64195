/** What a kernel object says of itself, read by kmod's modinfo. */
import { join } from "node:path";
import { callerEnvironment } from "../../system/environment.ts";
import { makeTemporaryDirectory, removeTree, writeAtomically } from "../../system/files/file-changes.ts";
import { readBytes } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** Fields of modinfo(8) that tell one build of a module from another, and what it uses; undefined for those that the module does not have. */
export interface ModuleInfo {
  readonly version: string | undefined;
  readonly srcversion: string | undefined;
  readonly checksum: string | undefined;
  readonly vermagic: string | undefined;
  /** Names of the modules whose symbols it uses. */
  readonly depends: readonly string[];
}

/** Reads a kernel object, plain or compressed; undefined when it is none, or modinfo cannot read it. */
export async function readModuleInfo(file: string): Promise<ModuleInfo | undefined> {
  return (await ask(file)) ?? (file.endsWith(".gz") ? askUnpacked(file) : undefined);
}

async function ask(file: string): Promise<ModuleInfo | undefined> {
  const { status, stdout } = await run(["modinfo", "-0", file], { environment: { LC_ALL: "C" } });
  return status === 0 ? parseModuleInfo(stdout) : undefined;
}

/** kmod may be built without zlib (Debian's is). */
async function askUnpacked(file: string): Promise<ModuleInfo | undefined> {
  const directory = makeTemporaryDirectory(join(callerEnvironment()["TMPDIR"] ?? "/tmp", "dkms-modinfo-"));
  try {
    const plain = join(directory, "module.ko");
    const bytes = await unpacked(file);
    if (bytes === undefined) return undefined;
    writeAtomically(plain, bytes);
    return await ask(plain);
  } finally {
    removeTree(directory);
  }
}

async function unpacked(file: string): Promise<Uint8Array | undefined> {
  const { gunzipSync } = await import("node:zlib");
  try {
    return gunzipSync(readBytes(file) ?? new Uint8Array());
  } catch {
    return undefined;
  }
}

/** Reads what `modinfo -0` prints: `field=value` as the object has it (`filename:` alone is in words), each ended by a NUL; of a repeated field the first counts. */
export function parseModuleInfo(output: string): ModuleInfo {
  const fields = new Map<string, string>();
  for (const line of output.split("\0")) {
    const end = line.indexOf("=");
    const field = line.slice(0, end);
    if (end > 0 && !fields.has(field)) fields.set(field, line.slice(end + 1));
  }
  return {
    version: fields.get("version"),
    srcversion: fields.get("srcversion"),
    checksum: fields.get("checksum"),
    vermagic: fields.get("vermagic"),
    depends: (fields.get("depends") ?? "").split(",").filter((name) => name !== ""),
  };
}
