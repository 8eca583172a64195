/** Whatever links an archive holds: if it is accepted, none of them, taken with all the others, leads out of its directory. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ArchiveEntry } from "../../../src/model/archive/archive-entry.ts";
import { judgeEntries, linkFault, type EntryTree } from "../../../src/model/archive/archive-structure.ts";

/** Follows a path as the kernel does; `outside` as soon as it climbs above the root, `nowhere` when it meets nothing or a circle. */
function follow(tree: EntryTree, path: string): string {
  let at: string[] = [];
  let parts = path.split("/");
  for (let hops = 0; parts.length > 0;) {
    const [part = "", ...rest] = parts;
    parts = rest;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.length === 0) return "outside";
      at = at.slice(0, -1);
      continue;
    }
    const entry = tree.get([...at, part].join("/"));
    if (entry?.kind !== "link") {
      at = [...at, part];
      continue;
    }
    hops += 1;
    if (hops > 40) return "nowhere";
    parts = [...entry.target.split("/"), ...parts];
  }
  return at.join("/");
}

const name = fc.constantFrom("a", "b", "c");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const target = fc
  .array(fc.oneof(name, fc.constantFrom("..", ".", "")), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"));
const entry: fc.Arbitrary<ArchiveEntry> = fc.oneof(
  path.map((at) => ({ kind: "directory" as const, path: at, target: "", size: 0 })),
  fc.record({ path, target }).map((link) => ({ kind: "link" as const, ...link, size: 0 })),
);

/** The tree of an archive whose links are all accepted. */
function accepted(entries: readonly ArchiveEntry[]): EntryTree | undefined {
  const judgement = judgeEntries(entries, 100);
  if ("fault" in judgement) return undefined;
  const faults = [...judgement.tree].map(([at, { kind, target: to }]) => kind === "link" && linkFault(at, to, ""));
  return faults.some((fault) => typeof fault === "string") ? undefined : judgement.tree;
}

test("no accepted link leads out", () => {
  let judged = 0;
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (entries) => {
      const tree = accepted(entries);
      if (tree === undefined) return;
      for (const [at, { kind }] of tree) {
        if (kind !== "link") continue;
        judged += 1;
        assert.is.not(follow(tree, at), "outside");
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(judged > 1000, `only ${judged} links were accepted`);
});

test("links within the source are accepted", () => {
  const rows = [
    ["l", "a"],
    ["a/l", "../b"],
    ["a/b/l", "../../c/./d//e"],
    ["l", "./a/b"],
    ["a/l", ".."],
  ] as const;
  for (const [at, to] of rows) assert.is(linkFault(at, to, ""), undefined, `${at} -> ${to}`);
  assert.is(linkFault("part/l", "a", "part"), undefined);
  assert.is(linkFault("part/a/l", "..", "part"), undefined);
  assert.type(linkFault("part/l", "..", "part"), "string");
});

test.run();
