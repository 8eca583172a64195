/** Shows the sandbox what only root may read: as copies that belong to the build user. */
import { join } from "node:path";
import { canBecomeOthers } from "../environment.ts";
import { fileKind } from "../files/files.ts";
import { run } from "../process/processes.ts";
import { openTemporary, type TemporaryDirectory } from "../temporary.ts";
import { buildUser } from "./build-user.ts";
import { isReadableByAll, wayOf } from "./places.ts";
import type { Place } from "./view.ts";

/** Copies of what only root may read: they belong to the build user, and lie over the originals. */
export class PrivateCopies {
  readonly places: Place[] = [];
  readonly #root: string;
  readonly #taken = new Set<string>();
  #directory: TemporaryDirectory | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Copies `path`, a file or the source that holds `file`, when not everybody may read that. */
  async takePrivate(path: string, file: string): Promise<void> {
    const at = wayOf(this.#root, path)?.real;
    const real = wayOf(this.#root, file)?.real;
    if (!canBecomeOthers() || at === undefined || real === undefined || this.#taken.has(at)) return;
    this.#taken.add(at);
    if (isReadableByAll(`${this.#root}${at}`) && isReadableByAll(`${this.#root}${real}`)) return;
    this.#directory ??= openTemporary("/tmp/dkms-alpm-conf-");
    const copy = join(this.#directory.path, String(this.places.length));
    const options = { environment: { LC_ALL: "C.UTF-8" } };
    const { uid, gid } = buildUser();
    // What cannot be copied is told as unreadable by the evaluation itself.
    await run(["cp", "--archive", "--", `${this.#root}${at}`, copy], options);
    await run(["chown", "--recursive", "-P", "--no-dereference", `${uid}:${gid}`, "--", copy], options);
    if (fileKind(copy) !== "none") this.places.push({ kind: "read", from: copy, at });
  }

  /** Removes the copies. */
  remove(): void {
    this.#directory?.remove();
  }
}
