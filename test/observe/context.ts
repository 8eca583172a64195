/** What readers get in tests: the defaults of every setting. */
import { interpretOwnSettings } from "../../src/model/settings/own-settings.ts";
import type { Layout } from "../../src/model/machine/layout.ts";
import type { ObserveContext } from "../../src/observe/context.ts";
import { readFrameworkConf } from "../../src/observe/settings/framework-conf.ts";

const framework = await readFrameworkConf("/nonexistent");

/** A context on Arch for the trees of a scratch machine. */
export function observeContext(layout: Layout): ObserveContext {
  return {
    layout,
    framework,
    own: interpretOwnSettings({}, "default"),
    options: {
      force: false,
      versionCheck: true,
      depmod: "run",
      modprobe: false,
      objects: "copied",
      confFile: undefined,
      kernelSource: undefined,
      kernelConfig: undefined,
      directives: [],
    },
    scheme: { distribution: "arch", addonDirectory: undefined },
    jobs: undefined,
  };
}
