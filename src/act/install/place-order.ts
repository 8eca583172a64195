/** What installing and uninstalling a pair are told, and what they answer. */
import type { LocationScheme } from "../../model/settings/install-location.ts";
import type { WantedObject } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { RunOptions } from "../../model/settings/run-options.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { ModuleId, Pair } from "../../model/pair.ts";

/** A pair to install. */
export interface PlaceOrder {
  readonly layout: Layout;
  readonly pair: Pair;
  readonly scheme: LocationScheme;
  /** The objects that the conf wants for this kernel, without those that a BUILD_EXCLUSIVE of their own excludes. */
  readonly objects: readonly WantedObject[];
  /** Names of objects that an earlier build of this pair had installed (its stamp tells); those that are wanted no more are removed. */
  readonly formerObjects?: readonly string[];
  /** What gives way to it: its objects are none to be spared. */
  readonly replaces?: readonly ModuleId[];
  readonly options: Pick<RunOptions, "force" | "versionCheck" | "objects">;
  readonly tell: (event: Event) => void;
}

/** What was installed, as absolute paths. */
export interface Placement {
  readonly installed: readonly string[];
  /** Objects that were left out because others are newer or the same, with the reason in words and the kernel's own module, where it is one. */
  readonly refused: readonly { readonly name: string; readonly why: string; readonly rival: string | undefined }[];
  /** The kernel's own modules that have been put away. */
  readonly archived: readonly string[];
  /** Files of the version that was active before, and of older forms of these objects. */
  readonly removed: readonly string[];
}

/** A pair to uninstall. */
export interface WithdrawOrder extends Pick<PlaceOrder, "layout" | "pair" | "scheme" | "formerObjects" | "tell"> {
  /** The objects that the conf names; undefined when the source was removed: the result directory then tells their names. */
  readonly objects: readonly WantedObject[] | undefined;
}

/** What was uninstalled. */
export interface Withdrawal {
  readonly removed: readonly string[];
  readonly restored: readonly string[];
  /** Names of objects of which no file was found. */
  readonly notFound: readonly string[];
}
