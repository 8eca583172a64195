/** Time limits of any length. */
import { setTimeout as delay } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { afterSeconds } from "../../../src/system/process/timer.ts";

test("a limit of months is not over at once", async () => {
  let isOver = false;
  const timer = afterSeconds(9_999_999, () => (isOver = true));
  await delay(20);
  assert.is(isOver, false);
  clearTimeout(timer);
});

test("a limit of no time is", async () => {
  await new Promise<void>((resolve) => afterSeconds(0, resolve));
});

test.run();
