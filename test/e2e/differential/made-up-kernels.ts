/** Kernels whose headers "build" a module by copying an object that was compiled before: a build takes milliseconds. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, contentKey } from "../cache.ts";
import { need } from "../command.ts";
import { compileObject } from "./made-up-modules.ts";
import type { Fill } from "./twins.ts";

export interface MadeUpKernel {
  readonly release: string;
  /** How the kernel's own modules are compressed, and so ours are to be. */
  readonly suffix?: "" | ".xz" | ".gz" | ".zst";
  /** Modules that the kernel brings itself, in version 0.9. */
  readonly modules?: readonly string[];
  /** `absent`: nobody installed them. */
  readonly headers?: "absent";
  /** Further lines of the kernel's configuration. */
  readonly config?: readonly string[];
}

/** Lays the kernels out below /usr/lib/modules, or finds them in the cache. */
export async function madeUpKernels(kernels: readonly MadeUpKernel[]): Promise<Fill> {
  const from = await cached(`made-up-kernels/${contentKey([makefile, kernels])}`, async (making) => {
    for (const kernel of kernels) await layOut(join(making, "lib/modules", kernel.release), kernel);
    for (const kernel of kernels) await need(["depmod", "-b", making, kernel.release]);
  });
  return { from: join(from, "lib/modules"), to: "/usr/lib/modules" };
}

/** A module fails to build where its source has a file FAIL, or FAIL-RELEASE for the kernel at hand. */
const makefile = `all modules:
\t@test ! -e $(M)/FAIL && test ! -e $(M)/FAIL-$(notdir $(patsubst %/,%,$(dir $(CURDIR)))) || { echo "$(M)/tiny.c:1: error: told to fail" >&2; exit 1; }
\t@for object in $(M)/*.bin; do cp "$$object" "$\${object%.bin}.ko"; done
clean:
\t@rm -f $(M)/*.ko
`;

async function layOut(folder: string, kernel: MadeUpKernel): Promise<void> {
  const { release, suffix = "", modules = [], headers, config = [] } = kernel;
  const own = ["in-tree", ...modules];
  write(join(folder, "pkgbase"), `linux-${release}\n`);
  write(join(folder, "modules.order"), own.map((name) => `kernel/drivers/misc/${name}.ko\n`).join(""));
  write(join(folder, "modules.builtin"), "");
  for (const name of own) {
    const path = join(folder, `kernel/drivers/misc/${name}.ko`);
    mkdirSync(dirname(path), { recursive: true });
    await need(["cp", await compileObject({ name, version: "0.9" }), path]);
    const compressor = { "": undefined, ".xz": ["xz"], ".gz": ["gzip"], ".zst": ["zstd", "-q", "--rm"] }[suffix];
    if (compressor !== undefined) await need([...compressor, path]);
  }
  if (headers === "absent") return;
  const lines = ["CONFIG_MODULES=y", ...config, ""].join("\n");
  write(join(folder, "build/.config"), lines);
  write(join(folder, "build/include/config/auto.conf"), lines);
  write(join(folder, "build/Makefile"), makefile);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
