/** Whether an object may take the place of a module that the kernel has already: an older one must not hide a newer one. */
import { compareDkmsVersions } from "../../model/conf/dkms-version.ts";
import { type ModuleInfo, readModuleInfo } from "../../observe/objects/module-info.ts";
import { sameContent } from "../../system/files/content.ts";

/** Why a built object is not installed beside or over the file that was found, in words; undefined when it may be. */
export async function objectionTo(built: string, found: string): Promise<string | undefined> {
  const [ours, theirs] = await Promise.all([readModuleInfo(built), readModuleInfo(found)]);
  const ourVersion = ours?.version ?? "";
  const theirVersion = theirs?.version ?? "";
  const order = compareDkmsVersions(ourVersion, theirVersion);
  if (order < 0) return `its version ${named(ourVersion)} is older than ${named(theirVersion)} of ${found}`;
  if (order > 0) return undefined;
  return isSameBuild(ours, theirs, built, found)
    ? `${found} is the same module, version ${named(ourVersion)}`
    : undefined;
}

/** Equal versions: the source's checksum decides, else the object's, else the bytes. */
function isSameBuild(
  ours: ModuleInfo | undefined,
  theirs: ModuleInfo | undefined,
  built: string,
  found: string,
): boolean {
  const ourMark = ours?.srcversion ?? ours?.checksum;
  const theirMark = theirs?.srcversion ?? theirs?.checksum;
  if (ourMark === undefined && theirMark === undefined) return sameContent(built, found);
  return ourMark === theirMark;
}

function named(version: string): string {
  return version === "" ? "(none)" : version;
}
