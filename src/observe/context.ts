/** What every reader of the machine needs to know: the trees, the settings, the options of this run. */
import type { FrameworkSettings } from "../model/settings/framework-settings.ts";
import type { Layout } from "../model/machine/layout.ts";
import type { LocationScheme } from "../model/settings/install-location.ts";
import type { RunOptions } from "../model/settings/run-options.ts";
import type { OwnSettings } from "../model/settings/own-settings.ts";

/** Given to every reader. */
export interface ObserveContext {
  readonly layout: Layout;
  readonly framework: FrameworkSettings;
  readonly own: OwnSettings;
  readonly options: RunOptions;
  readonly scheme: LocationScheme;
  /** Jobs of one make that were asked for; undefined for one a processor. */
  readonly jobs: number | undefined;
}
