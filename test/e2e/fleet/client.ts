/** Clients of a fleet: machines without this project, without sources and headers, on which nothing may be compiled. */
import { cpSync, mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { createMachine, type Machine } from "../machine.ts";
import { makePackage } from "../packages.ts";

/** The part of Arch's kmod package that matters here: its hook runs depmod for every kernel's directory that a transaction touches. */
export const kmodHook = await makePackage({
  name: "kmod-hook",
  version: "1-1",
  files: {
    "usr/share/libalpm/hooks/60-depmod.hook": `[Trigger]
Type = Path
Operation = Install
Operation = Upgrade
Operation = Remove
Target = usr/lib/modules/*/
Target = !usr/lib/modules/*/?*

[Action]
Description = Updating module dependencies...
When = PostTransaction
Exec = /usr/share/libalpm/scripts/depmod
NeedsTargets
`,
    "usr/share/libalpm/scripts/depmod": {
      mode: 0o755,
      text: `#!/bin/bash
while read -r directory; do
  release=\${directory#usr/lib/modules/}
  release=\${release%/}
  if [ -e "/$directory/modules.order" ]; then depmod "$release"
  elif [ -d "/$directory" ]; then
    rm -f "/$directory"modules.{alias,alias.bin,builtin.alias.bin,builtin.bin,dep,dep.bin,devname,softdep,symbols,symbols.bin,weakdep}
    rmdir --ignore-fail-on-non-empty "/$directory"
  fi
done
`,
    },
  },
});

/** What a client must never start. */
const tools = ["make", "gcc", "gcc-12", "cc", "ld", "dkms"] as const;

export interface Client extends Machine {
  /** A transaction that must succeed; gives what pacman printed. */
  commit(...args: readonly string[]): Promise<string>;
  /** The file that modprobe would load for a kernel, by its path in `/usr`; empty when it would find none. */
  loadable(release: string, name: string): Promise<string>;
  /** Compilers and such that somebody has tried to start. */
  started(): readonly string[];
  /** Copies repositories from another machine, as a mirror would. */
  mirror(from: Machine, ...names: readonly string[]): void;
}

/** A client whose pacman.conf names the repositories. */
export async function createClient(repositories: readonly string[], options = "SigLevel = Never"): Promise<Client> {
  const machine = await createMachine({ osRelease: "arch", packages: [kmodHook] });
  for (const tool of tools)
    machine.write(`/usr/bin/${tool}`, `#!/bin/sh\necho ${tool} >>/opt/started\nexit 1\n`, 0o755);
  const sections = repositories.map((name) => `[${name}]\n${options}\nServer = file:///srv/${name}\n`);
  let mirrored = 0;
  machine.write("/etc/pacman.conf", [machine.read("/etc/pacman.conf"), ...sections].join("\n"));
  return {
    ...machine,
    commit: async (...args) => {
      const { status, output } = await machine.pacman(...args);
      if (status !== 0 || output.includes("command failed to execute"))
        throw new Error(`pacman ${args.join(" ")}: ${output}`);
      return output;
    },
    loadable: async (release, name) => {
      const { stdout } = await machine.run(["modinfo", "-k", release, "-F", "filename", name]);
      return stdout.trim().replace(/^\/lib\//, "/usr/lib/");
    },
    started: () => (machine.exists("/opt/started") ? machine.read("/opt/started").trim().split("\n") : []),
    mirror: (from, ...names) => {
      for (const name of names) {
        const [source, target] = [from.path(`/srv/${name}`), join(machine.path("/srv"), name)];
        rmSync(target, { recursive: true, force: true });
        mkdirSync(target, { recursive: true });
        for (const file of readdirSync(source)) {
          cpSync(join(source, file), join(target, file), { verbatimSymlinks: true });
        }
        // pacman fetches a database only when it is newer, in whole seconds.
        mirrored += 2;
        const time = Math.floor(Date.now() / 1000) + mirrored;
        for (const file of readdirSync(target)) if (file.includes(".db")) utimesSync(join(target, file), time, time);
      }
    },
  };
}
