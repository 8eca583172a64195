/** The private directories of a build belong to the build user as long as it works in them. */
import { DkmsError } from "../../model/errors.ts";
import { canBecomeOthers } from "../../system/environment.ts";
import { setMode } from "../../system/writing/file-changes.ts";
import { placeOf } from "../../system/files/other-machine.ts";
import { run } from "../../system/process/processes.ts";
import { buildUser } from "../../system/sandbox/build-user.ts";

/** Gives directories and all in them to the build user; links are given themselves, never followed. Throws `file-failed`. */
export async function handOver(paths: readonly string[]): Promise<void> {
  // Who is no other user builds as himself.
  if (!canBecomeOthers()) return;
  const { uid, gid } = buildUser();
  const words = ["chown", "--recursive", "-P", "--no-dereference", `${uid}:${gid}`, "--"] as const;
  const { status, stderr } = await run([...words, ...paths.map(placeOf)], { environment: { LC_ALL: "C.UTF-8" } });
  if (status === 0) return;
  throw new DkmsError("file-failed", `The directory of a build cannot change its owner: ${stderr.trim()}`, {
    path: paths[0] ?? "",
  });
}

/** Lets the build user through a directory that holds its own. */
export function letThrough(directory: string): void {
  setMode(directory, 0o711);
}
