/** mktarball, ldtarball, mkpkg, guard and generate_mok: their documents, and what they leave alone with --dry-run. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { activate, put, snapshot } from "../../../act/install/scratch.ts";
import { built, object, onMachine, type Machine } from "../../machine.ts";

const kernel = "6.1.0-test";

/** A module with a source and a result. */
function packed(machine: Machine): string {
  machine.source("m/1");
  put(join(machine.layout.sourceTree, "m-1/m.c"), "int m;\n");
  activate(machine, built(machine, "m/1"));
  put(join(machine.modules, "updates/dkms/m.ko"), object);
  return join(machine.root, "m.tar.gz");
}

function document({ status, out }: ReturnType<Machine["dkms"]>): unknown {
  assert.is(status, 0, out.join("\n"));
  return JSON.parse(out.join("\n"));
}

const pairs = [{ kernel, arch: "x86_64" }];

test(
  "mktarball --json, and what it would do",
  onMachine((machine) => {
    const path = packed(machine);
    const words = ["mktarball", "m/1", "-k", kernel, "--archive", path] as const;
    const expected = { format: 1, dryRun: true, path: "/m.tar.gz", module: "m", version: "1", pairs };
    const before = snapshot(machine.root);
    assert.equal(machine.dkms(...words, "--dry-run"), { status: 0, out: ["Make the tarball /m.tar.gz"], err: [] });
    assert.equal(document(machine.dkms(...words, "--dry-run", "--json")), expected);
    assert.equal(snapshot(machine.root), before);
    assert.equal(document(machine.dkms(...words, "--json")), { ...expected, dryRun: false });
  }),
);

test(
  "ldtarball --json, and what it would do",
  onMachine((machine) => {
    const path = packed(machine);
    assert.is(machine.dkms("mktarball", "m/1", "-k", kernel, "--archive", path).status, 0);
    assert.is(machine.dkms("remove", "m/1", "--all").status, 0);
    const before = snapshot(machine.root);
    const loads = `Load m/1, built for ${kernel} (x86_64)`;
    assert.ok(machine.dkms("ldtarball", path, "--dry-run").out.includes(loads));
    const { status, out } = machine.dkms("install", path, "-k", kernel, "--dry-run");
    assert.equal([status, out.slice(-2)], [0, [loads, "Then install m/1"]]);
    const expected = {
      format: 1,
      dryRun: true,
      path: join(machine.root, "m.tar.gz"),
      module: "m",
      version: "1",
      pairs,
    };
    const inside = { ...expected, path: "/m.tar.gz" };
    assert.equal(document(machine.dkms("ldtarball", path, "-n", "--json")), inside);
    assert.equal(snapshot(machine.root), before);
    assert.equal(document(machine.dkms("ldtarball", path, "--json")), { ...inside, dryRun: false });
    assert.equal(machine.dkms("status").out, [`m/1, ${kernel}, x86_64: built`]);
  }),
);

test(
  "mkpkg --json, and what it would do",
  onMachine((machine) => {
    packed(machine);
    const directory = join(machine.root, "packages");
    put(join(directory, "here"), "");
    const words = ["mkpkg", "m/1", "-k", kernel, "--output", directory, "--json"] as const;
    const before = snapshot(machine.root);
    const one = { name: `m-dkms-modules-${kernel}`, path: null, kernels: [kernel] };
    const expected = { format: 1, dryRun: true, packages: [one], repository: null };
    assert.equal(document(machine.dkms(...words, "--dry-run")), expected);
    assert.equal(snapshot(machine.root), before);
    const path = `/packages/${one.name}-1.k6.1.0.test-1-x86_64.pkg.tar.zst`;
    assert.equal(document(machine.dkms(...words)), { ...expected, dryRun: false, packages: [{ ...one, path }] });
    assert.ok(Object.keys(snapshot(machine.root)).includes(path.slice(1)));
  }),
);

test(
  "guard --once and generate_mok: with --dry-run nothing is written",
  onMachine((machine) => {
    const before = snapshot(machine.root);
    const { status, out } = machine.dkms("guard", "--once", "warn", "--dry-run");
    assert.equal([status, out.at(-1)], [0, "For the next transaction that the guard checks: warn"]);
    const once = document(machine.dkms("guard", "--once", "off", "-n", "--json")) as { readonly format: number };
    assert.equal({ ...once, from: "" }, { format: 1, policy: "required", from: "", once: "off" } as typeof once);
    assert.is(machine.dkms("generate_mok", "--dry-run").out.at(-1), "Make this key pair.");
    assert.equal(snapshot(machine.root), before);
    assert.is(machine.dkms("generate_mok").status, 0);
    assert.is(machine.dkms("generate_mok", "-n").out.at(-1), "Both are there.");
  }),
);

for (const [words, message, status] of [
  ["report --dry-run", "--dry-run does not go with report.", 2],
  ["check --force", "--force does not go with check.", 3],
  ["why m -j 2", "-j does not go with why.", 2],
  ["log --all", "--all does not go with log.", 2],
] as const) {
  test(
    `dkms ${words}: an option of other commands`,
    onMachine((machine) => {
      const { status: found, err } = machine.dkms(...words.split(" "));
      assert.equal([found, err[0]], [status, `==> ERROR: ${message}`]);
    }),
  );
}

test.run();
