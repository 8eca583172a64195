/** What holds right after a fault, before anything is done about it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseHookFile } from "../../../src/alpm/hook/file.ts";
import { lintHook } from "../../../src/alpm/hook/lint.ts";
import type { FaultMachine } from "./fault-machine.ts";
import type { State } from "./state.ts";

/** The states between which a fault happened. */
export interface Way {
  readonly before: State;
  readonly end: State;
}

/** What is broken, in words; nothing when all is well. */
export async function brokenThings(machine: FaultMachine, { before, end }: Way, now: State): Promise<string[]> {
  const broken: string[] = [];
  for (const [path, digest] of now.objects) {
    const isKnown = [before, end].some(({ objects }) => objects.get(path) === digest);
    if (!isKnown && !isWhole(machine.path(path))) broken.push(`${path} is torn`);
  }
  const present = new Set([...now.objects.keys()].map(plain));
  const kept = [...before.objects.keys()].filter((path) => end.objects.has(path));
  for (const path of kept)
    if (!present.has(plain(path))) broken.push(`${path} was there, shall be there, and is missing`);
  for (const path of now.hooks) {
    for (const { severity, what } of lintHook(parseHookFile(machine.read(path))))
      if (severity === "error") broken.push(`${path}: ${what}`);
  }
  for (const release of machine.list("/usr/lib/modules")) {
    const fault = await indexFault(machine, { before, end }, release, now);
    if (fault !== undefined) broken.push(fault);
  }
  return broken;
}

/** An object may be compressed, or not where the compressor failed. */
const plain = (path: string): string => path.replace(/\.(?:xz|gz|zst)$/, "");

/** An index is that of before or that of the end; between them, modprobe must find by it what nobody has touched. */
async function indexFault(
  machine: FaultMachine,
  { before, end }: Way,
  release: string,
  now: State,
): Promise<string | undefined> {
  const files = (state: State): string =>
    [...state.indexes].filter(([path]) => path.includes(`/${release}/`)).join("\n");
  const found = files(now);
  if (found === files(before) || found === files(end)) return undefined;
  if (!machine.exists(`/usr/lib/modules/${release}/kernel`)) return undefined;
  const { status, output } = await machine.run(["modprobe", "-n", "--show-depends", "-S", release, "in-tree"]);
  return status === 0 ? undefined : `modprobe cannot read the index of ${release}: ${output}`;
}

/** An ELF file whose table of sections, which stands at its end, is there; elf(5), 64 bits. */
function isWhole(path: string): boolean {
  try {
    const unpacker = /\.(xz|gz|zst)$/.exec(path)?.[1];
    const program = { xz: "xz", gz: "gzip", zst: "zstd" }[unpacker ?? ""];
    const bytes = program === undefined ? readFileSync(path) : execFileSync(program, ["-dc", path], { stdio: "pipe" });
    const table = Number(bytes.readBigUInt64LE(40));
    return table > 0 && table + bytes.readUInt16LE(58) * bytes.readUInt16LE(60) <= bytes.length;
  } catch {
    return false;
  }
}
