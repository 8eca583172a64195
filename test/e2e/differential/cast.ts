/** The kernels and modules that generated sequences are about. */
import type { MadeUpKernel } from "./made-up-kernels.ts";
import type { MadeUpModule } from "./made-up-modules.ts";
import { running } from "./twins.ts";

/** A kernel with compressed modules, which brings a module `twofold` itself. */
export const packed = "6.1.0-9-packed";
/** A kernel without headers. */
export const bare = "6.6.1-2-bare";

export const kernels: readonly MadeUpKernel[] = [
  { release: running, config: ["CONFIG_RUNNING=y"] },
  { release: packed, suffix: ".xz", modules: ["twofold"] },
  { release: bare, headers: "absent" },
];

export const modules: readonly MadeUpModule[] = [
  { name: "plain", version: "1.0" },
  { name: "plain", version: "2.0" },
  { name: "twofold", version: "1.0", objects: ["twofold", "twofold-more"] },
  { name: "needy", version: "1.0", conf: 'BUILD_DEPENDS[0]="plain"\n' },
  { name: "choosy", version: "1.0", conf: 'BUILD_EXCLUSIVE_KERNEL="^6\\.1\\."\n' },
];
