/** How closed builds are. */
import type { OwnSettings } from "./own-settings.ts";

/** How closed a build is. */
export interface SandboxSettings {
  /** `auto`: closed wherever bubblewrap works. */
  readonly sandbox: "auto" | "no";
  readonly network: "yes" | "no";
  /** Files and directories that it may read besides what every build sees. */
  readonly readable: readonly string[];
  /** Files and directories outside the build that it may write to (ccache). */
  readonly writable: readonly string[];
  /** Files that no build may read, beyond those that are always hidden: the signing keys that framework.conf names. */
  readonly hidden: readonly string[];
  /** What the build sees as `/`: a directory that looks like the machine, `/` for the machine itself. */
  readonly root: string;
}

/** How closed builds are by the settings of this machine; `hidden` and `root` as in `SandboxSettings`. */
export function sandboxOf(
  { sandbox, network, readable, writable }: OwnSettings,
  { hidden = [], root = "/" }: Partial<Pick<SandboxSettings, "hidden" | "root">> = {},
): SandboxSettings {
  return {
    sandbox: sandbox.value,
    network: network.value,
    readable: readable.value,
    writable: writable.value,
    hidden,
    root,
  };
}
