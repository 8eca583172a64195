/** `dkms check` killed at any moment; 200 moments are in killed.long.test.ts. */
import { test } from "uvu";
import { kills } from "./killing.ts";

kills(10);

test.run();
