/** A dozen random states; a hundred are in states.long.test.ts. */
import { test } from "uvu";
import { states } from "./states.ts";

states(12);

test.run();
