/** What real modules depend on beside a compiler: configure scripts link programs, and some look for further tools. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { need } from "../command.ts";
import { unpackedDeb } from "../debs.ts";
import type { Machine } from "../machine.ts";

const library =
  "libc6-dev linux-libc-dev libcrypt-dev lsb-release gawk libsigsegv2 libmpfr6 pkgconf pkgconf-bin libpkgconf7";

const beside: Readonly<Record<string, string>> = { "iptables-netflow": "libxtables-dev libxtables12" };

/** Lays it out in a machine, for the module package of this name without `-dkms`. */
export async function addLibrary(machine: Machine, name: string): Promise<void> {
  for (const deb of `${library} ${beside[name] ?? ""}`.trim().split(" ")) {
    const { folder } = await unpackedDeb(deb);
    for (const part of readdirSync(folder))
      await need(["cp", "-a", `${join(folder, part)}/.`, machine.path(`/${part}`)]);
  }
}
