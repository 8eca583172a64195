/** What has been begun: the journal's text, and the requests that finish it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { orderOfRequests } from "../../../src/decide/unfinished/unfinished.ts";
import { journalEntries, journalLine, parseJournal, type Unfinished } from "../../../src/model/run/journal.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import type { Pair } from "../../../src/model/pair.ts";
import type { Plan, Step } from "../../../src/model/run/plan.ts";
import type { Request, Scope } from "../../../src/model/run/request.ts";

const kernel = { release: kernelRelease("6.1"), arch: architecture("x86_64") };
const zfs: Pair = { module: { name: moduleName("zfs"), version: moduleVersion("2") }, kernel };
const spl: Pair = { module: { name: moduleName("spl"), version: moduleVersion("1") }, kernel };

const nothing: Scope = { releases: new Set(), sourceDirectories: new Set() };
const some: Scope = { releases: new Set(["6.1"]), sourceDirectories: new Set(["zfs-2"]) };
const more: Scope = { releases: new Set(["6.2"]), sourceDirectories: new Set() };
const begun = (parts: Partial<Unfinished>): Unfinished => ({
  entries: [],
  install: nothing,
  remove: nothing,
  ...parts,
});

const lines: readonly (readonly [line: string, valid: "entry" | "none"])[] = [
  ["zfs/2/6.1/x86_64", "entry"],
  ["zfs/2/6.1/x86_64 remove", "entry"],
  ["zfs/2/6.1/x86_64 explode", "none"],
  ["zfs/2/6.1", "none"],
  ["zfs/../6.1/x86_64", "none"],
  ["", "none"],
];
for (const [line, valid] of lines) {
  test(`journal line: ${JSON.stringify(line)}`, () => {
    assert.equal(parseJournal(`${line}\n`).map(journalLine), valid === "entry" ? [line] : []);
  });
}

const steps: readonly Step[] = [
  { kind: "build", pair: zfs },
  { kind: "install", pair: zfs, replaces: [], yields: true },
  { kind: "unbuild", pair: spl },
  { kind: "deregister", module: spl.module },
  { kind: "depmod", kernel, loading: "no", dependents: [] },
];
const plan: Plan = { steps: steps.map((step) => ({ step, reason: "", needs: [], after: [] })), findings: [] };
const byHand: Request = { kind: "autoinstall", kernel };
const hook: Request = { kind: "transaction-install", scope: some };

test("of a person's plan the journal keeps where each pair was to get", () => {
  assert.equal(journalEntries(byHand, plan).map(journalLine), ["zfs/2/6.1/x86_64 install", "spl/1/6.1/x86_64 remove"]);
});

test("of a hook's plan it keeps the pairs alone", () => {
  assert.equal(journalEntries(hook, plan).map(journalLine), ["zfs/2/6.1/x86_64", "spl/1/6.1/x86_64"]);
});

test("nothing begun, nothing added", () => {
  assert.equal(orderOfRequests(byHand, begun({})), { before: [], main: byHand, after: [] });
});

test("targets of killed hooks join those of the same hook, and the other hook's work follows", () => {
  const { before, main, after } = orderOfRequests(hook, begun({ install: more, remove: some }));
  assert.equal(before, []);
  assert.equal(main, {
    kind: "transaction-install",
    scope: { releases: new Set(["6.1", "6.2"]), sourceDirectories: new Set(["zfs-2"]) },
  });
  assert.equal(after, [{ kind: "transaction-remove", scope: some }]);
});

test("pairs of killed hooks are looked at by both hooks' plans after a person's command", () => {
  const { main, after } = orderOfRequests(byHand, begun({ entries: [{ pair: zfs, command: undefined }] }));
  assert.is(main, byHand);
  assert.equal(
    after.map(({ kind }) => kind),
    ["transaction-install", "transaction-remove"],
  );
});

test("what a person began comes before what is asked now, and the index after it", () => {
  const { before, after } = orderOfRequests(hook, begun({ entries: [{ pair: zfs, command: "uninstall" }] }));
  const kernels = { kind: "these", kernels: [kernel] } as const;
  assert.equal(before, [{ kind: "uninstall", module: zfs.module, kernels, progress: "begun" }]);
  assert.equal(after, [{ kind: "refresh-index", indexed: [kernel] }]);
});

test("a removal that was begun is finished although another one is asked for", () => {
  const request: Request = { kind: "remove", module: zfs.module, kernels: { kind: "all" } };
  const { before } = orderOfRequests(request, begun({ entries: [{ pair: zfs, command: "uninstall" }] }));
  assert.equal(
    before.map(({ kind }) => kind),
    ["uninstall"],
  );
});

test("an installation that was begun is done again, by itself or when it is asked for, though the module may count as installed", () => {
  const entries = [{ pair: zfs, command: "install" }] as const;
  const kernels = { kind: "these", kernels: [kernel] } as const;
  const asked: Request = { kind: "install", module: zfs.module, directory: undefined, kernels, force: false };
  assert.equal(orderOfRequests(hook, begun({ entries })).before, [{ ...asked, progress: "begun" }]);
  const { before, main } = orderOfRequests(asked, begun({ entries }));
  assert.equal(before, []);
  assert.equal(main, { ...asked, progress: "begun" });
});

test("the newest word about a module counts", () => {
  const request: Request = { kind: "remove", module: zfs.module, kernels: { kind: "all" } };
  const entries = [
    { pair: zfs, command: "install" },
    { pair: spl, command: "build" },
  ] as const;
  const { before } = orderOfRequests(request, begun({ entries }));
  assert.equal(
    before.map((left) => ("module" in left ? left.module.name : "")),
    ["spl"],
  );
});

test.run();
