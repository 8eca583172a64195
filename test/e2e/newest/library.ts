/** What real modules depend on beside a compiler: configure scripts link programs, and some look for further tools. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { need } from "../command.ts";
import { debsToInstall, unpackedDeb } from "../debs.ts";
import type { Machine } from "../machine.ts";

const library = ["libc6-dev", "libcrypt-dev", "lsb-release", "gawk", "pkgconf"];

const beside: Readonly<Record<string, readonly string[]>> = { "iptables-netflow": ["libxtables-dev"] };

/** Lays it out in a machine, for the module package of this name without `-dkms`. */
export async function addLibrary(machine: Machine, name: string): Promise<void> {
  await addPrograms(machine, ...library, ...(beside[name] ?? []));
}

/** Lays out Debian's packages of these names in a machine, with what they depend on. */
export async function addPrograms(machine: Machine, ...names: readonly string[]): Promise<void> {
  for (const deb of await debsToInstall(...names)) {
    const { folder } = await unpackedDeb(deb);
    for (const part of readdirSync(folder))
      await need(["cp", "-a", `${join(folder, part)}/.`, machine.path(`/${part}`)]);
  }
}
