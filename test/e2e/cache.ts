/** The folder where downloads and hand-made packages are kept from one test run to the next. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Where tests keep what they can make again: `$DKMS_ALPM_TEST_CACHE`, or a folder under /var/cache. */
export const cacheDirectory = process.env["DKMS_ALPM_TEST_CACHE"] ?? "/var/cache/dkms-alpm-test";

/** Where machines of test files that run at once find what they have in common; test/run.ts has a tmpfs there. */
export const layerStore = join(cacheDirectory, "layers");

/**
 * The path of `name` in the cache; when it is not there, `make` fills an empty folder, which then appears under that name by
 * rename. Test files run side by side: when two make the same entry, the first rename wins and the other copy is thrown away.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const path = join(cacheDirectory, name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(join(dirname(path), ".making-"));
  try {
    await make(folder);
    // Builds run as a user of their own, and headers that all machines share are here.
    chmodSync(folder, 0o755);
    renameSync(folder, path);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
  return path;
}

/** Twenty hexadecimal digits that stand for a value, which must survive JSON. */
export function contentKey(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 20);
}

/** The same for files and folders on disk: names, link targets and contents count, dates and owners do not. */
export function treeKey(...paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }).toSorted(byPath)) {
      const file = join(entry.parentPath, entry.name);
      hash.update(`\0${file.slice(path.length)}\0`);
      if (entry.isSymbolicLink()) hash.update(readlinkSync(file));
      else if (entry.isFile()) hash.update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 20);
}

interface Located {
  readonly parentPath: string;
  readonly name: string;
}

function byPath(left: Located, right: Located): number {
  return join(left.parentPath, left.name) < join(right.parentPath, right.name) ? -1 : 1;
}
