/** Plans of `dkms build` and `install`: what is refused, and what that leaves in the tree. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import type { Request } from "../../../src/model/run/request.ts";
import { kernel, moduleId, words, world, type ModuleSpec } from "../world-builder.ts";

interface Row {
  readonly title: string;
  readonly module: Omit<ModuleSpec, "module">;
  readonly directory?: string;
  readonly headers?: "no";
  readonly force?: boolean;
  readonly plan: readonly string[];
}

const rows: readonly Row[] = [
  {
    title: "an excluded module is registered all the same",
    module: { registered: "no", excluded: ["6.1"] },
    plan: ["skip excluded", "Add zfs/2.2 from /usr/src/zfs-2.2"],
  },
  {
    title: "so is one whose headers are missing",
    module: { registered: "no" },
    headers: "no",
    plan: ["refusal headers-missing", "Add zfs/2.2 from /usr/src/zfs-2.2"],
  },
  {
    title: "and one that lacks what it is built against",
    module: { registered: "no", buildDepends: ["spl"] },
    plan: ["refusal dependency-missing", "Add zfs/2.2 from /usr/src/zfs-2.2"],
  },
  {
    title: "a directory that holds no result is told, and left alone",
    module: { emptyResults: ["6.1"] },
    plan: ["refusal result-empty"],
  },
  {
    title: "with force it is filled",
    module: { emptyResults: ["6.1"] },
    force: true,
    plan: ["Build zfs/2.2 for 6.1"],
  },
  {
    title: "that of another kernel is nobody's business",
    module: { emptyResults: ["6.2"] },
    plan: ["Build zfs/2.2 for 6.1"],
  },
  {
    title: "a registered module by its directory is refused",
    module: {},
    directory: "/usr/src/zfs-2.2",
    plan: ["refusal module-already-added"],
  },
];

const kernels = { kind: "these", kernels: [kernel("6.1")] } as const;
const install: Request = { kind: "install", module: moduleId("zfs/2.2"), directory: undefined, kernels, force: false };

for (const { title, module, directory, headers = "yes", force = false, plan } of rows) {
  test(title, () => {
    const state = world({
      kernels: [{ release: "6.1", headers }, { release: "6.2" }],
      modules: [{ module: "zfs/2.2", ...module }],
    });
    const request: Request = { kind: "build", module: moduleId("zfs/2.2"), directory, kernels, force };
    assert.equal(words(decide(state, request)), plan);
  });
}

test("when depmod fails, what a command has installed is withdrawn, and what a hook has installed is kept", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2" }] });
  const scope = { releases: new Set(["6.1"]), sourceDirectories: new Set<string>() };
  const requests: readonly (readonly [Request, number])[] = [
    [install, 1],
    [{ kind: "autoinstall", kernel: kernel("6.1") }, 1],
    [{ kind: "transaction-install", scope }, 0],
  ];
  for (const [request, count] of requests) {
    const last = decide(state, request).steps.at(-1)?.step;
    assert.is(last?.kind === "depmod" ? last.dependents.length : undefined, count, request.kind);
  }
});

test("what counts as installed is installed again only when an earlier run did not come to its end, and is not built for that", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2", installed: ["6.1"] }],
  });
  const kinds = (asked: Request): readonly string[] => decide(state, asked).steps.map(({ step }) => step.kind);
  assert.equal(kinds(install), []);
  assert.equal(kinds({ ...install, progress: "begun" }), ["install", "depmod"]);
});

test("a result whose inputs an interrupted run has not noted is built once more", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2", built: ["6.1"], freshness: "changed" }],
  });
  const kinds = (asked: Request): readonly string[] => decide(state, asked).steps.map(({ step }) => step.kind);
  // As the reference does, a person's command takes what is built.
  assert.equal(kinds(install), ["install", "depmod"]);
  assert.equal(kinds({ ...install, progress: "begun" }), ["build", "install", "depmod"]);
});

test("what is installed and not in its place any more is put back, and built again only where the result is lost", () => {
  const plan = (damage: ModuleSpec["damage"]): readonly string[] =>
    words(
      decide(
        world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", installed: ["6.1"], damage }] }),
        install,
      ),
    );
  assert.equal(plan("kernel"), ["Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
  assert.equal(plan("result"), ["Build zfs/2.2 for 6.1", "Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
});

test.run();
