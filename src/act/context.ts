/** What every step gets to work with. */
import type { Explain } from "../model/run/failure-evidence.ts";
import type { Event } from "../model/run/outcome.ts";
import type { World } from "../model/machine/world.ts";
import type { ObserveContext } from "../observe/context.ts";

/** The trees, settings and options of the run, the world as it was observed, and a listener. */
export interface ActContext extends ObserveContext {
  readonly world: World;
  readonly signal: AbortSignal;
  readonly tell: (event: Event) => void;
  /** Finds what can be done about a build that failed. */
  readonly explain?: Explain | undefined;
}
