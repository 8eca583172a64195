/** The reference as Arch packages it: Debian's dkms, and hooks that do what Arch's do. */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { unpackedDeb } from "./debs.ts";
import { makePackage } from "./packages.ts";

/** Debian's dkms with the paths, the name and the hooks that Arch's has. */
export async function referencePackage(): Promise<string> {
  const { file, folder } = await unpackedDeb("dkms");
  return makePackage({
    name: "dkms",
    version: "3.0.10-1",
    backup: ["etc/dkms/framework.conf"],
    files: {
      "usr/share/libalpm/hooks/70-dkms-install.hook": hook(["Install", "Upgrade"], "PostTransaction", "install"),
      "usr/share/libalpm/hooks/70-dkms-upgrade.hook": hook(["Upgrade"], "PreTransaction", "remove"),
      "usr/share/libalpm/hooks/71-dkms-remove.hook": hook(["Remove"], "PreTransaction", "remove"),
      "usr/share/libalpm/scripts/dkms": { text: script, mode: 0o755 },
    },
    fill: {
      key: file,
      into: async (root) => {
        mkdirSync(join(root, "usr/bin"), { recursive: true });
        cpSync(join(folder, "usr/sbin/dkms"), join(root, "usr/bin/dkms"));
        for (const part of ["etc/dkms", "usr/lib/dkms", "usr/share/man/man8", "usr/share/bash-completion"]) {
          cpSync(join(folder, part), join(root, part), { recursive: true });
        }
      },
    },
  });
}

const hook = (operations: readonly string[], when: string, word: string): string => `[Trigger]
${operations.map((operation) => `Operation = ${operation}\n`).join("")}Type = Path
Target = usr/src/*/dkms.conf
Target = usr/lib/modules/*/build/include/
Target = usr/lib/modules/*/modules.order

[Action]
When = ${when}
Exec = /usr/share/libalpm/scripts/dkms ${word}
NeedsTargets
`;

/**
 * In the place of Arch's script, with its ways: what changes is removed before the transaction and built again after it, modules for all kernels and
 * kernels with all modules; a folder's name is split at its last dash; every failure is passed over.
 */
const script = `#!/bin/bash
declare -A folders kernels
while read -r target; do
  name=\${target#usr/*/}
  case $target in
    usr/src/*) folders[\${name%/dkms.conf}]=1 ;;
    usr/lib/modules/*) name=\${name#modules/}; kernels[\${name%%/*}]=1 ;;
  esac
done
if [[ $1 == remove ]]; then
  dkms status | sed -nE 's/^([^,]+), ([^,]+), [^:]+: (built|installed).*/\\1 \\2/p' | while read -r module kernel; do
    if [[ -n \${folders[\${module/\\//-}]} || -n \${kernels[$kernel]} ]]; then dkms remove "$module" -k "$kernel"; fi
  done
else
  for conf in /usr/src/*-*/dkms.conf; do
    folder=\${conf#/usr/src/}
    folder=\${folder%/dkms.conf}
    for headers in /usr/lib/modules/*/build/include; do
      kernel=\${headers#/usr/lib/modules/}
      kernel=\${kernel%%/*}
      if [[ -n \${folders[$folder]} || -n \${kernels[$kernel]} ]]; then dkms install "\${folder%-*}/\${folder##*-}" -k "$kernel"; fi
    done
  done
fi
exit 0
`;
