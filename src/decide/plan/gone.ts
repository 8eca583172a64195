/** What shall be removed, from what pacman's targets say. */
import type { Plan } from "../../model/run/plan.ts";
import type { Scope } from "../../model/run/request.ts";
import type { World } from "../../model/machine/world.ts";
import { Draft } from "./draft.ts";
import { removeGone } from "./gone-pairs.ts";
import { forgetEmptied } from "./successors.ts";
import { reindexUnfinished } from "./unfinished.ts";
import { WorldIndex } from "./world-index.ts";

/** The plan of the remove hook: every gone pair in scope. */
export function planTransactionRemove(world: World, scope: Scope): Plan {
  const index = new WorldIndex(world);
  const draft = new Draft();
  removeGone(index, draft, scope);
  forgetEmptied(index, draft);
  reindexUnfinished(index, draft);
  return draft.finish();
}
