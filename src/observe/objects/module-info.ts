/** What kernel objects say of themselves: plain ones are read here, compressed ones by kmod's modinfo, many at once. */
import { withTemporaryFile } from "../../system/temporary.ts";
import { readPart } from "../../system/files/content.ts";
import { targetFacts } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { firstBytes, readElfSection } from "./elf-sections.ts";

/** Fields of modinfo(8) that tell one build of a module from another, and what it uses; undefined for those that the module does not have. */
export interface ModuleInfo {
  readonly version: string | undefined;
  readonly srcversion: string | undefined;
  readonly checksum: string | undefined;
  readonly vermagic: string | undefined;
  /** Names of the modules whose symbols it uses. */
  readonly depends: readonly string[];
  /** A signature is appended to it. */
  readonly isSigned: boolean;
}

/** Reads a kernel object, plain or compressed; undefined when it is none, or modinfo cannot read it. */
export async function readModuleInfo(file: string): Promise<ModuleInfo | undefined> {
  return (await readModuleInfos([file])).get(file);
}

/** Reads kernel objects; those that are none, or that modinfo cannot read, have no entry. No program is started for plain ones. */
export async function readModuleInfos(files: Iterable<string>): Promise<ReadonlyMap<string, ModuleInfo>> {
  const infos = new Map<string, ModuleInfo>();
  const others: string[] = [];
  for (const file of new Set(files)) {
    const info = file.endsWith(".ko") ? readPlain(file) : undefined;
    if (info === undefined) others.push(file);
    else infos.set(file, info);
  }
  for (let start = 0; start < others.length; start += filesAtOnce) {
    for (const [file, info] of await ask(others.slice(start, start + filesAtOnce))) infos.set(file, info);
  }
  for (const file of others) {
    if (!file.endsWith(".gz") || infos.has(file)) continue;
    const info = await askUnpacked(file);
    if (info !== undefined) infos.set(file, info);
  }
  return infos;
}

/** So many paths fit into an argument list, and what is said of them into the output of a program. */
const filesAtOnce = 250;

/** `.modinfo` holds `field=value`, each ended by a NUL, as modinfo prints them. */
function readPlain(file: string): ModuleInfo | undefined {
  const first = readPart(file, 0, firstBytes);
  const fields = readElfSection(file, ".modinfo", first)?.toString("utf8");
  if (fields === undefined) return undefined;
  // A file of fewer bytes is read already.
  const last = first !== undefined && first.length < firstBytes ? first : readEnd(file);
  return {
    ...parseModuleInfo(fields),
    isSigned: last?.subarray(-signatureMark.length).toString("latin1") === signatureMark,
  };
}

/** How the kernel finds a signature, see its documentation of module signing. */
const signatureMark = "~Module signature appended~\n";

function readEnd(file: string): Buffer | undefined {
  const size = targetFacts(file)?.size ?? 0;
  return size > signatureMark.length ? readPart(file, size - signatureMark.length, signatureMark.length) : undefined;
}

/** modinfo begins what it says of a file with the line `filename:`, and says no more on stdout of one that it cannot read. */
async function ask(files: readonly string[]): Promise<ReadonlyMap<string, ModuleInfo>> {
  const { stdout } = await run(["modinfo", "-0", ...files], { environment: { LC_ALL: "C" } });
  const said = new Map<string, ModuleInfo>();
  for (const part of `\0${stdout}`.split("\0filename:").slice(1)) {
    const end = part.indexOf("\0");
    const fields = part.slice(end + 1);
    if (fields.includes("=")) said.set(part.slice(0, end).trimStart(), parseModuleInfo(fields));
  }
  return said;
}

/** kmod may be built without zlib (Debian's is). */
async function askUnpacked(file: string): Promise<ModuleInfo | undefined> {
  const { plainBytes } = await import("../boot/object-file.ts");
  const bytes = await plainBytes(file);
  return bytes === undefined ? undefined : withTemporaryFile("module.ko", bytes, readPlain);
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
    isSigned: (fields.get("sig_id") ?? "") !== "",
  };
}
