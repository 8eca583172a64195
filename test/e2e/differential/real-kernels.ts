/** Debian's kernels with their real headers, for modules that are really compiled. */
import { need } from "../command.ts";
import { cached, contentKey } from "../cache.ts";
import { kernelPackages, releases } from "../kernel-packages.ts";
import type { Fill } from "./twins.ts";

/** Releases of three kernels that are as different as Debian has them. */
export async function realReleases(): Promise<readonly string[]> {
  const [plain, realTime, cloud] = await Promise.all([
    releases("amd64"),
    releases("rt-amd64"),
    releases("cloud-amd64"),
  ]);
  return [...plain.slice(-2, -1), ...realTime.slice(-1), ...cloud.slice(-1)];
}

/** Lays the kernels out below /usr/lib/modules with their headers and what depmod makes, or finds them in the cache. */
export async function realKernels(names: readonly string[]): Promise<Fill> {
  const packages = await Promise.all(
    names.map((release, index) => kernelPackages({ pkgbase: `linux-${index}`, release })),
  );
  const archives = packages.flatMap(({ both }) => both);
  const from = await cached(`real-kernels/${contentKey(archives)}`, async (making) => {
    for (const archive of archives) await need(["bsdtar", "-xf", archive, "-C", making, "usr"]);
    await need(["sh", "-ec", "mv usr/lib/modules/* . && rm -r usr"], { cwd: making });
    await need(
      [
        "sh",
        "-ec",
        'mkdir -p base/lib && ln -s ../.. base/lib/modules && for k in "$@"; do depmod -b base "$k"; done && rm -r base',
        "depmod",
        ...names,
      ],
      {
        cwd: making,
      },
    );
  });
  return { from, to: "/usr/lib/modules" };
}
