/** Package repositories inside a machine, from which `pacman -Syu` upgrades. */
import { basename } from "node:path";
import type { Machine } from "./machine.ts";

export interface Repository {
  /** Adds packages; a package that is there in another version is replaced. */
  add(...packages: readonly string[]): Promise<void>;
}

/** Makes a repository that the machine's pacman.conf names, and adds the packages by repo-add. */
export async function repository(machine: Machine, name: string, packages: readonly string[]): Promise<Repository> {
  const folder = `/srv/${name}`;
  await machine.need(["mkdir", "-p", folder]);
  machine.write("/etc/pacman.conf", `${machine.read("/etc/pacman.conf")}\n[${name}]\nServer = file://${folder}\n`);
  let changes = 0;
  const add = async (...added: readonly string[]): Promise<void> => {
    if (added.length > 0) await machine.need(["cp", ...added, folder]);
    const files = added.map((path) => `${folder}/${basename(path)}`);
    await machine.need(["repo-add", "--quiet", "--nocolor", `${folder}/${name}.db.tar.gz`, ...files]);
    // pacman fetches a database only when it is newer, in whole seconds.
    changes += 2;
    const time = `@${Math.floor(Date.now() / 1000) + changes}`;
    await machine.need(["touch", "--date", time, `${folder}/${name}.db.tar.gz`]);
  };
  await add(...packages);
  return { add };
}
