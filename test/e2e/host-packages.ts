/** Empty packages that stand for what the host supplies, so that pacman resolves real dependencies in a machine. */
import { nodeVersion } from "./node-under-test.ts";
import { makePackage } from "./packages.ts";

const names =
  "filesystem bash coreutils findutils grep sed gawk diffutils util-linux systemd make gcc binutils glibc patch pacman " +
  "libarchive kmod bubblewrap openssl pahole tar zstd xz gzip libelf bc cpio file";

/** The archives of the stand-ins; `nodejs` has the version of the Node under test and owns /usr/bin/node. */
export function hostPackages(): Promise<string[]> {
  return Promise.all([
    ...names.split(" ").map((name) => makePackage({ name, version: "99-1" })),
    makePackage({
      name: "nodejs",
      version: `${nodeVersion}-1`,
      files: { "usr/bin/node": { link: "/opt/node-under-test/node" } },
    }),
  ]);
}
