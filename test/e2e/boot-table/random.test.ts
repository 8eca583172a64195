/** A few random transactions against a boot that is tried with other programs; the long form plays two hundred. */
import { test } from "uvu";
import { randomTransactions } from "./random.ts";

randomTransactions(8);

test.run();
