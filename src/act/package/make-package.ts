/** Makes a pacman package of the compiled, signed objects of a module. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { Event } from "../../model/run/outcome.ts";
import { moduleText, type ModuleId, type Pair } from "../../model/pair.ts";
import { projectName } from "../../model/project.ts";
import { replaceDurably, syncDirectory } from "../../system/writing/durable-files.ts";
import { makeDirectory, makeTemporaryDirectory, removeTree } from "../../system/writing/file-changes.ts";
import { readText } from "../../system/files/content.ts";
import { listDirectory } from "../../system/files/files.ts";
import { findProgram } from "../../system/process/processes.ts";
import { formerPackage, samePackage } from "./former-package.ts";
import { gatherPackage } from "./gather-package.ts";
import { packagerIn } from "./package-metadata.ts";
import { writePackageArchive } from "./write-package.ts";

/** What to pack, and where to. */
export interface PackageOrder {
  readonly layout: Layout;
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly arch: string;
    readonly module: ModuleId;
    readonly pairs: readonly Pair[];
  };
  /** Where the package appears. */
  readonly destination: string;
  /** Where the contents are gathered, `tmp_location`. */
  readonly temporary: string;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the package and returns its path. One that is there already and the same to pacman stays; where it differs in anything the new one has a higher pkgrel.
 * Throws `object-missing` for a pair that is not built, `tool-missing`, `file-failed` and `interrupted`.
 */
export async function makePackage(order: PackageOrder): Promise<string> {
  if (findProgram("bsdtar") === undefined) {
    throw new DkmsError("tool-missing", "bsdtar is needed to make packages.", {
      hint: "Install the package libarchive.",
    });
  }
  const { layout, destination, signal } = order;
  const { name, version, arch, module, pairs } = order.package;
  makeDirectory(destination);
  // Nobody else may enter: what is packed cannot be exchanged, and no name in it be guessed.
  const work = makeTemporaryDirectory(join(order.temporary, "dkms-package."));
  try {
    const root = join(work, "root");
    const { compilers } = await gatherPackage({ layout, name, pairs, root });
    const former = formerPackage({ directory: destination, name, version, arch });
    const pkgrel = (former?.pkgrel ?? 0) + 1;
    const releases = pairs.map(({ kernel }) => kernel.release).join(", ");
    const by = compilers.length === 0 ? "" : ` (${compilers.join(", ")})`;
    const description = `${moduleText(module)} for ${releases}, built by ${projectName}${by}`;
    const archive = join(work, "package.pkg.tar.zst");
    const facts = {
      name,
      version,
      pkgrel,
      arch,
      description,
      packager: packager(),
      built: Math.floor(Date.now() / 1000),
    };
    await writePackageArchive({ root, facts, archive, signal });
    if (former !== undefined && (await samePackage(former.path, archive, signal))) {
      order.tell({ kind: "note", level: "message", text: `${former.path} is what would be made: it stays.` });
      return former.path;
    }
    const path = join(destination, `${name}-${version}-${pkgrel}-${arch}.pkg.tar.zst`);
    replaceDurably(archive, path, 0o644);
    syncDirectory(destination);
    return path;
  } finally {
    removeTree(work);
  }
}

/** As makepkg reads it: the file, then those of its directory. */
function packager(): string {
  const directory = "/etc/makepkg.conf.d";
  const more = listDirectory(directory).filter((name) => name.endsWith(".conf"));
  return packagerIn(
    ["/etc/makepkg.conf", ...more.map((name) => join(directory, name))].map((path) => readText(path) ?? ""),
  );
}
