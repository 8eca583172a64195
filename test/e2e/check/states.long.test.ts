/** A hundred random states. */
import { test } from "uvu";
import { states } from "./states.ts";

states(100);

test.run();
