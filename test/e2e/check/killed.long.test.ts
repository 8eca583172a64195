/** `dkms check` killed at 200 random moments. */
import { test } from "uvu";
import { kills } from "./killing.ts";

kills(200);

test.run();
