/** What shall be removed, from what pacman's targets say. */
import type { Plan } from "../model/plan.ts";
import type { Scope } from "../model/request.ts";
import type { World } from "../model/world.ts";
import { Draft } from "./draft.ts";
import { removeGone } from "./remove-gone.ts";
import { forgetEmptied } from "./superseded.ts";
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
