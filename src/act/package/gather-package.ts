/** Gathers what goes into a package of ready-made modules: objects at their final paths, each module's with a note of what they are. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout, resultDirectory, type Layout } from "../../model/machine/layout.ts";
import { pairWords, type Pair } from "../../model/pair.ts";
import { noteName, noteText, supplyDirectory, type SupplyNote } from "../../model/packaging/supply.ts";
import { objectCompiler } from "../../observe/objects/object-compiler.ts";
import { readModule, readPair } from "../../observe/tree/tree.ts";
import { copyDurably } from "../../system/writing/durable-files.ts";
import { makeDirectory, writeAtomically } from "../../system/writing/file-changes.ts";
import { digestOfFile, sha256 } from "../../system/files/digests.ts";
import { fileKind, listTree, readLink } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** Where to, and what. */
export interface GatherOrder {
  readonly layout: Layout;
  /** The package's name. */
  readonly name: string;
  readonly pairs: readonly Pair[];
  /** The directory that stands for `/`. */
  readonly root: string;
}

/** What was gathered. */
export interface Gathered {
  /** Texts of the notes by their paths in the package: two packages with the same notes hold the same objects. */
  readonly notes: ReadonlyMap<string, string>;
  readonly compilers: readonly string[];
}

/** Gathers; throws `object-missing` for a pair that is not built. */
export async function gatherPackage({ layout, name, pairs, root }: GatherOrder): Promise<Gathered> {
  const notes = new Map<string, string>();
  const compilers = new Set<string>();
  for (const pair of pairs) {
    // A package is for machines that have their kernels where everybody has them.
    const directory = supplyDirectory(defaultLayout, pair.kernel.release).slice(1);
    const note = await gatherPair({ layout, name, pair, directory: join(root, directory) });
    const path = `${directory}/${noteName(pair.module.name)}`;
    notes.set(path, noteText(note));
    writeAtomically(join(root, path), noteText(note));
    if (note.compiler !== "") compilers.add(note.compiler);
    // mkinitcpio's hook takes this directory for a sign that the kernel's image has to be written anew.
    makeDirectory(join(root, `${defaultLayout.installTree}/${pair.kernel.release}/extramodules`));
  }
  return { notes, compilers: [...compilers] };
}

interface PairOrder {
  readonly layout: Layout;
  readonly name: string;
  readonly pair: Pair;
  readonly directory: string;
}

async function gatherPair({ layout, name, pair, directory }: PairOrder): Promise<SupplyNote> {
  const objects = readPair(layout, pair)?.objects ?? [];
  if (objects.length === 0) throw new DkmsError("object-missing", `${pairWords(pair)} is not built.`, { exitCode: 6 });
  makeDirectory(directory);
  const digests: Record<string, string> = {};
  for (const object of objects) {
    const built = join(resultDirectory(layout, pair), "module", object);
    const copy = join(directory, object);
    copyDurably(built, copy, 0o644);
    digests[object] = digestOfFile(copy);
  }
  const { source } = readModule(layout, pair.module);
  return {
    package: name,
    pair,
    objects,
    sha256: digests,
    compiler: await objectCompiler(join(directory, objects[0] ?? "")),
    source: { path: source, package: await ownerOf(`${source}/dkms.conf`), sha256: treeDigest(source) },
  };
}

/** `zfs-dkms 2.2.2-1`; empty for a source that no package owns. */
async function ownerOf(path: string): Promise<string> {
  const { status, stdout } = await run(["pacman", "-Qo", "--", path], { environment: { LC_ALL: "C" } });
  return status === 0 ? (/ is owned by (\S+ \S+)$/.exec(stdout.trim())?.[1] ?? "") : "";
}

function treeDigest(directory: string): string {
  const lines = listTree(directory).map(({ path, kind }) => {
    const full = join(directory, path);
    if (kind === "link") return `${path} -> ${readLink(full) ?? ""}`;
    return kind === "file" ? `${path} ${digestOfFile(full)}` : `${path} ${fileKind(full)}`;
  });
  return sha256(lines.join("\n"));
}
