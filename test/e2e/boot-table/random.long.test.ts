/** Two hundred random transactions against a boot that is tried with other programs. */
import { test } from "uvu";
import { randomTransactions } from "./random.ts";

randomTransactions(200);

test.run();
