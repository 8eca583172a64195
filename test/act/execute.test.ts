/** What the executor does beside its steps; the steps themselves are tested by folder, and the whole of it in test/e2e/. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../../src/act/execute.ts";
import { buildPlace } from "../../src/model/machine/layout.ts";
import { readWholeWorld } from "../../src/observe/world.ts";
import { observeContext } from "../observe/context.ts";
import { makeScratch } from "./install/scratch.ts";

/** Executes nothing while the directory of builds cannot be removed so many times; gives whether it is there afterwards, and what was told. */
async function refusing(times: number): Promise<{ isThere: boolean; told: readonly string[] }> {
  const scratch = makeScratch();
  const place = buildPlace(scratch.layout);
  const told: string[] = [];
  const { rmdirSync } = fs;
  let left = times;
  try {
    const context = observeContext(scratch.layout);
    const world = await readWholeWorld(context);
    fs.mkdirSync(place, { recursive: true });
    fs.rmdirSync = (path, options) => {
      if (path === place && left-- > 0) throw Object.assign(new Error("refused"), { code: "EIO" });
      rmdirSync(path, options);
    };
    syncBuiltinESMExports();
    const tell: Parameters<typeof execute>[1]["tell"] = (event) => {
      if (event.kind === "note") told.push(event.text);
    };
    const { signal } = new AbortController();
    await execute({ steps: [], findings: [] }, { ...context, world, signal, tell });
    return { isThere: fs.existsSync(place), told };
  } finally {
    fs.rmdirSync = rmdirSync;
    syncBuiltinESMExports();
    scratch.remove();
  }
}

test("the directory of builds that a disk refuses to remove once is not left to a run that may never have work", async () => {
  assert.equal(await refusing(1), { isThere: false, told: [] });
});

test("where it is refused again, that is told and nothing is lost", async () => {
  const { isThere, told } = await refusing(2);
  assert.is(isThere, true);
  assert.match(told.join("\n"), /^Cannot remove .*\/build: the device reports an input\/output error\.$/);
});

test.run();
