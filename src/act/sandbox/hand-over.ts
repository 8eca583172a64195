/** The private directories of a build belong to the build user as long as it works in them. */
import { DkmsError } from "../../model/errors.ts";
import { setMode } from "../../system/files/file-changes.ts";
import { placeOf } from "../../system/files/other-machine.ts";
import { run } from "../../system/process/processes.ts";
import { buildUser, type UserIds } from "../../system/sandbox/build-user.ts";

const root: UserIds = { uid: 0, gid: 0 };

/** Gives directories and all in them to the build user; links are given themselves, never followed. Throws `file-failed`. */
export function handOver(paths: readonly string[]): Promise<void> {
  return give(paths, buildUser());
}

/** Takes them back when no process of the build is left. Throws `file-failed`. */
export function takeBack(paths: readonly string[]): Promise<void> {
  return give(paths, root);
}

/** Lets the build user through a directory that holds its own. */
export function letThrough(directory: string): void {
  setMode(directory, 0o711);
}

async function give(paths: readonly string[], { uid, gid }: UserIds): Promise<void> {
  const words = ["chown", "--recursive", "-P", "--no-dereference", `${uid}:${gid}`, "--"] as const;
  const { status, stderr } = await run([...words, ...paths.map(placeOf)], { environment: { LC_ALL: "C.UTF-8" } });
  if (status === 0) return;
  throw new DkmsError("file-failed", `The directory of a build cannot change its owner: ${stderr.trim()}`, {
    path: paths[0] ?? "",
  });
}
