/** Decides, before anything changes, which built objects are installed and where, and which files of the kernel's own make way for them. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { dkmsLocation, installLocation, usualLocation } from "../../model/settings/install-location.ts";
import type { WantedObject } from "../../model/kernel-object.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { moduleText, pairWords, sameModule, type Pair } from "../../model/pair.ts";
import { readForcedInstall } from "../../observe/objects/forced-modules.ts";
import { compressionSuffix } from "../../observe/kernel/compression.ts";
import { searchKernel, type KernelSearch } from "../../observe/kernel/kernel-search.ts";
import { builtObjects, objectFile, objectFiles } from "../../observe/objects/object-files.ts";
import { displacingOwner, otherOwner } from "../../observe/objects/other-owner.ts";
import { readStamp } from "../../observe/stamps/stamp.ts";
import { fileOwners } from "../../observe/pacman/file-owners.ts";
import { sameContent } from "../../system/files/content.ts";
import { fileKind, targetKind } from "../../system/files/files.ts";
import { checkDestination } from "./destination.ts";
import type { Held } from "./other-packages.ts";
import type { PlaceOrder } from "./place-order.ts";
import { objectionTo } from "./sanity.ts";

/** A built object and the file that it becomes. */
export interface Candidate {
  readonly name: string;
  readonly built: string;
  /** Absolute path of the installed file. */
  readonly path: string;
  /** A module of the kernel's own, or of somebody else, that is put away for it. */
  readonly original: string | undefined;
  /** The pair of another package that the original belongs to. */
  readonly owner?: Pair;
}

/** Candidates, and objects that are not installed. */
export interface Selection {
  readonly accepted: readonly Candidate[];
  readonly refused: readonly RefusedObject[];
  /** Those among the refused whose place is another package's though this one is installed already: no reason to fail. */
  readonly held: readonly Held[];
}

/** An object that is not installed. */
interface RefusedObject {
  readonly name: string;
  readonly why: string;
  /** The module that stays in its stead: the kernel's own, which is newer or the same. */
  readonly rival: string | undefined;
}

/** Selects; `previous` is the version of the package that is active so far. Throws `kernel-missing` and `install-failed`; changes nothing. */
export async function selectObjects(order: PlaceOrder, previous: Pair | undefined): Promise<Selection> {
  const { layout, pair, options } = order;
  const directory = kernelDirectory(layout, pair.kernel.release);
  if (targetKind(directory) !== "directory") {
    throw new DkmsError(
      "kernel-missing",
      `Kernel ${pair.kernel.release} is not installed: ${directory} does not exist.`,
      {
        module: moduleText(pair.module),
        kernel: pair.kernel.release,
        path: directory,
        hint: "Install the package of that kernel; the kernels that are installed: ls /usr/lib/modules",
      },
    );
  }
  const search = searchKernel(directory);
  const own = ownModules(layout, previous);
  const located = order.objects.map((object) => locate(order, object));
  const forced = readForcedInstall(pair.module.name);
  if (forced !== "no") {
    const what = forced === "force" ? "is installed" : "is installed whatever its version is";
    const text = `${pair.module.name} ${what}, as /usr/share/dkms/modules_to_force_install says.`;
    order.tell({ kind: "note", level: "message", text });
  }
  const isChecked = !options.force && options.versionCheck && forced === "no";

  const accepted: Candidate[] = [];
  const refused: RefusedObject[] = [];
  const held: Held[] = [];
  for (const candidate of located) {
    const theirs = ownerOf(order, candidate, previous);
    const isReplaced = theirs !== undefined && givesWay(order, theirs.owner);
    const [rival] = isReplaced
      ? []
      : theirs === undefined
        ? await rivalsOf(order, candidate, { previous, own }, search)
        : [theirs.file];
    const objection = isChecked && rival !== undefined ? await objectionTo(candidate.built, rival) : undefined;
    if (objection !== undefined) {
      const whose = theirs === undefined ? "" : `its place belongs to ${moduleText(theirs.owner.module)}, and `;
      refused.push({
        name: candidate.name,
        why: `${whose}${objection}`,
        rival: theirs === undefined ? rival : undefined,
      });
      if (theirs !== undefined && previous !== undefined) held.push({ ...candidate, owner: theirs.owner });
    } else if (theirs === undefined || isReplaced) {
      // What the plan replaces is no original: putting it back later would bring a stale copy.
      const isOriginal = !isReplaced && rival !== undefined && (previous === undefined || own.has(rival));
      accepted.push({ ...candidate, original: isOriginal ? rival : undefined });
    } else accepted.push({ ...candidate, original: theirs.file, owner: theirs.owner });
  }
  return { accepted, refused, held };
}

/** The kernel's own modules to which objects of this version gave way, by their paths. */
function ownModules(layout: PlaceOrder["layout"], pair: Pair | undefined): ReadonlySet<string> {
  const stamp = pair === undefined ? undefined : readStamp(layout, pair);
  return new Set(stamp?.refused?.map(({ path }) => path));
}

interface Located extends Omit<Candidate, "original" | "owner"> {
  readonly directory: string;
}

function locate({ layout, pair, scheme }: PlaceOrder, object: WantedObject): Located {
  const kernel = kernelDirectory(layout, pair.kernel.release);
  const result = builtObjects(layout, pair);
  const name = object.destName;
  const built = objectFile(result, name, "") ?? objectFile(result, name, compressionSuffix(kernel));
  if (built === undefined) {
    throw new DkmsError("install-failed", `${name}.ko of ${pairWords(pair)} is not in ${result}.`, {
      module: moduleText(pair.module),
      kernel: pair.kernel.release,
      path: result,
      hint: `Build it again: dkms build --force ${moduleText(pair.module)} -k ${pair.kernel.release}`,
    });
  }
  const directory = checkDestination(kernel, installLocation(scheme, object), name);
  return { name, built, directory, path: join(directory, basename(built)) };
}

/** The plan has it replace what another package has left: neither that nor what that stood in for is a rival. */
function givesWay({ replaces = [] }: PlaceOrder, { module }: Pair): boolean {
  return replaces.some((replaced) => sameModule(replaced, module));
}

/** The object of another package that stands at the destination; while a version of this one is installed, only the very bytes tell that it is theirs. */
function ownerOf(
  { layout, pair }: PlaceOrder,
  { name, built, directory }: Located,
  previous: Pair | undefined,
): { readonly file: string; readonly owner: Pair } | undefined {
  const file = objectFiles(directory, name).find((standing) => !sameContent(standing, built));
  if (file === undefined) return undefined;
  const owner =
    displacingOwner(layout, pair, file) ?? (previous === undefined ? otherOwner(layout, pair, name) : undefined);
  return owner === undefined ? undefined : { file, owner };
}

/**
 * Files of the object's name that are not ours, the most important one first: in `extra`, `updates`, at its destination, anywhere else.
 * Ours are the file at the destination with the very bytes that are to be installed (an interrupted run put it there), and everything at the destination
 * when this pair itself is active, or a version whose source has been taken away: what replaces it need not be newer. What an object of it gave way to is
 * the kernel's all the same. Ours is also what stands where DKMS alone installs and no package owns: an earlier dkms tree has left it.
 */
async function rivalsOf(
  { layout, pair, scheme }: PlaceOrder,
  { name, built, directory }: Located,
  { previous, own }: { readonly previous: Pair | undefined; readonly own: ReadonlySet<string> },
  search: KernelSearch,
): Promise<readonly string[]> {
  const kernel = kernelDirectory(layout, pair.kernel.release);
  const isSuccessor =
    previous !== undefined && (sameModule(previous.module, pair.module) || isOrphan(layout, previous));
  const found = search.find(name).map((path) => join(kernel, path));
  const standing = found.filter(
    (file) => dirname(file) === directory && (!isSuccessor || own.has(file)) && !sameContent(file, built),
  );
  const mayBeLeft = previous === undefined && usualLocation(scheme) === dkmsLocation;
  const owned = mayBeLeft ? await fileOwners(standing) : undefined;
  const others = [
    ...found.filter((file) => dirname(file) !== directory),
    ...standing.filter((file) => owned === undefined || owned.has(file)),
  ];
  const preferred = [join(kernel, "extra"), join(kernel, "updates"), directory];
  const rank = (file: string): number => {
    const position = preferred.indexOf(dirname(file));
    return position === -1 ? preferred.length : position;
  };
  return others.filter((file) => fileKind(file) === "file").toSorted((a, b) => rank(a) - rank(b));
}

/** A version whose source link leads nowhere: its package was removed, or has just been upgraded. */
function isOrphan(layout: PlaceOrder["layout"], { module }: Pair): boolean {
  return targetKind(join(layout.dkmsTree, module.name, module.version, "source")) !== "directory";
}
