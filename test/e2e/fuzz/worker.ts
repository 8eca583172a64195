/** What runs inside the machine: `worker.cjs KIND SEED RUNS`; the first case that fails is made smaller and thrown. */
import * as fc from "fast-check";
import { kinds } from "./kinds.ts";

const [kind = "", seed = "", runs = ""] = process.argv.slice(2);
const property = kinds[kind];
if (property === undefined) throw new Error(`no such kind: ${kind}`);
await fc.assert(property, { seed: Number(seed), numRuns: Number(runs) });
