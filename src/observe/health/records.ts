/** Finds what runs of ours have written about pairs and modules outside of their results: stamps, logs, copies, active links, originals. */
import { basename, dirname, join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { packageDirectory, pairLog } from "../../model/machine/layout.ts";
import type { Leftovers, PairRecord } from "../../model/health/leftovers.ts";
import { nameFault } from "../../model/names.ts";
import { pairKey, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import type { World } from "../../model/machine/world.ts";
import { readText } from "../../system/files/content.ts";
import { listEntries, readLink } from "../../system/files/files.ts";

/** Everything of that kind; the caller decides what of it is stale. */
export type Records = Pick<Leftovers, "stamps" | "logs" | "links" | "kept" | "originals">;

/** Reads the records. Active links are listed when they lead to no result, logs when nothing is built for their pair. */
export function readRecords(layout: Layout, world: World): Records {
  const built = new Map(world.modules.flatMap(({ pairs }) => pairs.map(({ pair }) => [pairKey(pair), pair] as const)));
  const names = directories(layout.dkmsTree);
  return {
    stamps: readStamps(layout),
    logs: readLogs(layout, new Set(Array.from(built.values(), (pair) => pairLog(layout, pair)))),
    links: names.flatMap((name) => readActiveLinks(layout, name)).filter(({ pair }) => !built.has(pairKey(pair))),
    kept: twoDeep(join(layout.state, "kept")).map(({ path, outer: name, inner: version }) => ({
      path,
      module: { name, version } as ModuleId,
    })),
    originals: names.flatMap((name) =>
      twoDeep(join(packageDirectory(layout, name), "original_module")).map(({ path, outer, inner }) => ({
        path,
        name,
        kernel: { release: outer, arch: inner } as KernelId,
      })),
    ),
  };
}

/** `<state>/stamps/M/V/K/A.json` */
function readStamps(layout: Layout): readonly PairRecord[] {
  return twoDeep(join(layout.state, "stamps")).flatMap(({ path: versions, outer: name, inner: version }) =>
    directories(versions).flatMap((release) =>
      listEntries(join(versions, release)).flatMap(({ name: file, kind }) => {
        const arch = file.slice(0, -".json".length);
        const isOurs = kind === "file" && file.endsWith(".json") && arch !== "";
        return isOurs ? [record(join(versions, release, file), [name, version, release, arch])] : [];
      }),
    ),
  );
}

/** `M-V-K-A.log`: no name says where one part ends, so that the first line of the file has to. */
function readLogs(layout: Layout, expected: ReadonlySet<string>): readonly PairRecord[] {
  return listEntries(layout.logs).flatMap(({ name, kind }): PairRecord[] => {
    const path = join(layout.logs, name);
    if (kind !== "file" || !name.endsWith(".log") || expected.has(path)) return [];
    const [title = ""] = readText(path)?.split("\n", 1) ?? [];
    const parts = /^DKMS \(.*\) make\.log for ([^/ ]+)\/([^/ ]+) for kernel ([^/ ]+) \(([^/ ]+)\)$/.exec(title);
    return parts === null ? [] : [record(path, parts.slice(1))];
  });
}

/** `kernel-K-A -> V/K/A` */
function readActiveLinks(layout: Layout, name: string): readonly PairRecord[] {
  return listEntries(packageDirectory(layout, name)).flatMap((entry): PairRecord[] => {
    if (entry.kind !== "link" || !entry.name.startsWith("kernel-")) return [];
    const path = join(packageDirectory(layout, name), entry.name);
    const text = readLink(path) ?? "";
    const [version, release, arch] = [basename(dirname(dirname(text))), basename(dirname(text)), basename(text)];
    if (entry.name !== `kernel-${release}-${arch}` || nameFault(version) !== undefined) return [];
    return [record(path, [name, version, release, arch])];
  });
}

function record(path: string, [name = "", version = "", release = "", arch = ""]: readonly string[]): PairRecord {
  return { path, pair: { module: { name, version }, kernel: { release, arch } } as Pair };
}

/** Directories two levels down, with the names on both. */
function twoDeep(root: string): readonly { readonly path: string; readonly outer: string; readonly inner: string }[] {
  return directories(root).flatMap((outer) =>
    directories(join(root, outer)).map((inner) => ({ path: join(root, outer, inner), outer, inner })),
  );
}

/** Names of the directories in a directory that can be those of modules, versions, releases or architectures. */
export function directories(path: string): readonly string[] {
  return listEntries(path)
    .filter(({ name, kind }) => kind === "directory" && isPlainName(name))
    .map(({ name }) => name);
}

function isPlainName(name: string): boolean {
  return !name.startsWith(".") && nameFault(name) === undefined;
}
