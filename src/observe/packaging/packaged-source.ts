/** Opens module sources for packaging: a directory as it is, a tarball extracted for the time being. */
import { basename, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { PackagedSource } from "../../model/packaging/packaged-source.ts";
import { openTemporary } from "../../system/temporary.ts";
import { readText } from "../../system/files/content.ts";
import { listEntries, realPath, targetKind } from "../../system/files/files.ts";
import { findFiles } from "../../system/files/find-files.ts";
import { run } from "../../system/process/processes.ts";
import { readModuleSource } from "./module-source.ts";

/** Sources that can be read and packed. */
export interface OpenSource {
  readonly source: PackagedSource;
  /** Where they are. */
  readonly directory: string;
  /** Takes away what was extracted. */
  close(): void;
}

/** Opens a directory or tarball; throws `source-missing` when there is none, `archive-invalid` for a file that bsdtar cannot read. */
export async function openPackagedSource(path: string): Promise<OpenSource> {
  switch (targetKind(path)) {
    case "directory":
      return openDirectory(path);
    case "file":
      return openTarball(path);
    default:
      throw new DkmsError("source-missing", `${path} does not exist.`, {
        hint: "Name a directory of module sources, or a tarball with one in it.",
      });
  }
}

/** A link is followed here once: bsdtar would pack the link alone. */
async function openDirectory(path: string): Promise<OpenSource> {
  const directory = realPath(path) ?? path;
  const source = await readSource(directory, path);
  return { source: { ...source, directoryName: basename(path) }, directory, close: () => {} };
}

async function openTarball(path: string): Promise<OpenSource> {
  const { path: place, remove: close } = openTemporary("/tmp/dkms-pkgbuild-");
  try {
    const words = ["-xf", path, "-C", place, "--no-same-owner", "--no-same-permissions"];
    const options = { environment: { LC_ALL: "C.UTF-8" }, timeoutSeconds: 600 };
    const { status, stderr } = await run(["bsdtar", ...words], options);
    if (status !== 0) {
      const why = stderr.split("\n", 1)[0] ?? "";
      throw new DkmsError("archive-invalid", `${path} cannot be extracted: ${why}`);
    }
    const entries = listEntries(place);
    const [only] = entries;
    const single = entries.length === 1 && only?.kind === "directory" ? only.name : undefined;
    const directory = single === undefined ? place : join(place, single);
    const isPlain = single !== undefined && plainName.test(single) && plainName.test(basename(path));
    const source = await readSource(directory, path);
    const stem = basename(path).replace(/(\.tar)?\.\w+$/, "");
    return {
      source: { ...source, directoryName: single ?? stem, tarball: isPlain ? path : undefined },
      directory,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A name that a PKGBUILD can hold without a thought about quoting. */
const plainName = /^[\w@+][\w@.+~-]*$/;

async function readSource(directory: string, path: string): Promise<PackagedSource> {
  const found = await findFiles(directory, "**/{Makefile,Kbuild}", "**/*.c");
  const files = found.flatMap(({ path: file, kind }) => (kind === "file" ? [file] : []));
  const kbuild = new Map<string, string>();
  // Where both are there, the kernel's build system reads Kbuild.
  for (const name of ["Makefile", "Kbuild"]) {
    for (const file of files.filter((each) => basename(each) === name)) {
      kbuild.set(file.slice(0, -name.length), readText(join(directory, file)) ?? "");
    }
  }
  return {
    ...(await readModuleSource(directory, path)),
    path,
    directoryName: basename(directory),
    tarball: undefined,
    kbuild,
    license: files
      .filter((file) => file.endsWith(".c"))
      .map((file) => /^[ \t]*MODULE_LICENSE\s*\(\s*"([^"]*)"/m.exec(readText(join(directory, file)) ?? "")?.[1])
      .find((license) => license !== undefined),
  };
}
