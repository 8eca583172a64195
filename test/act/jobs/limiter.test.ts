/** Never more work at once than there may be, in the order in which it came, whatever fails. */
import { setTimeout as delay } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Turns } from "../../../src/act/jobs/limiter.ts";

for (const limit of [1, 2, 5]) {
  test(`at most ${limit} at once, first come, first served`, async () => {
    const turns = new Turns(limit);
    const begun: number[] = [];
    let now = 0;
    let most = 0;
    const work = async (index: number): Promise<number> => {
      begun.push(index);
      now += 1;
      most = Math.max(most, now);
      await delay(5 + (index % 3) * 5);
      now -= 1;
      if (index % 4 === 3) throw new Error(`${index} fails`);
      return index;
    };
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => turns.take(() => work(index))));
    assert.equal(
      begun,
      Array.from({ length: 12 }, (_, index) => index),
    );
    assert.is(most, limit);
    assert.equal(
      results.map(({ status }) => status),
      begun.map((index) => (index % 4 === 3 ? "rejected" : "fulfilled")),
    );
    assert.is(await turns.take(() => Promise.resolve("later")), "later");
  });
}

test.run();
