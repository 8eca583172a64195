import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { activate, put } from "../../../act/install/scratch.ts";
import { built, object, onMachine } from "../../machine.ts";

test(
  "modules in every state",
  onMachine((machine) => {
    const { layout, modules } = machine;
    put(join(modules, "pkgbase"), "linux\n");
    machine.source("m/1");
    activate(machine, built(machine, "m/1"));
    put(join(modules, "updates/dkms/m.ko"), object);
    // An old version whose successor is there and not installed.
    activate(machine, built(machine, "old/1"));
    rmSync(join(layout.sourceTree, "old-1"), { recursive: true });
    machine.source("old/2");
    assert.is(machine.dkms("add", "old/2").status, 0);

    const { status, out, err } = machine.dkms("status", "--json");
    assert.equal([status, err], [0, []]);
    const pair = { kernel: "6.1.0-test", arch: "x86_64", pkgbase: "linux", state: "installed", originals: "none" };
    assert.equal(JSON.parse(out.join("\n")), {
      format: 1,
      modules: [
        {
          module: "m",
          version: "1",
          registration: "added",
          source: "/src/m-1",
          sourcePresent: true,
          pairs: [{ ...pair, objects: ["m.ko"], fault: null, keptBecause: null }],
        },
        {
          module: "old",
          version: "1",
          registration: "broken",
          source: "/src/old-1",
          sourcePresent: false,
          pairs: [
            {
              ...pair,
              objects: ["old.ko"],
              fault: { kind: "differs", object: "old" },
              keptBecause: { reason: "awaits-version", module: "old", version: "2" },
            },
          ],
        },
        { module: "old", version: "2", registration: "added", source: "/src/old-2", sourcePresent: true, pairs: [] },
      ],
      supplied: [],
    });
    const words = machine.dkms("status", "old/2", "--json").out.join("\n");
    assert.equal((JSON.parse(words) as { modules: unknown[] }).modules.length, 1);
    assert.equal(machine.dkms("status").err, [
      "old/1 for 6.1.0-test (x86_64) is kept, though its source was removed, until old/2 is installed there.",
    ]);
    assert.equal(machine.dkms("status").out, ["m/1, 6.1.0-test, x86_64: installed", "old/1: broken", "old/2: added"]);
  }),
);

test(
  "an old version is kept for one that is not registered yet, and not for a directory without a dkms.conf",
  onMachine((machine) => {
    const { layout } = machine;
    activate(machine, built(machine, "old/1"));
    rmSync(join(layout.sourceTree, "old-1"), { recursive: true });
    const kept = (): unknown =>
      (JSON.parse(machine.dkms("status", "--json").out.join("\n")) as Status).modules[0]?.pairs[0]?.keptBecause;
    assert.is(kept(), null);
    machine.source("old/2");
    assert.equal(kept(), { reason: "awaits-version", module: "old", version: "2" });
    assert.match(
      machine.dkms("status").err.join("\n"),
      "is kept, though its source was removed, until old/2 is installed",
    );
    const advice = machine.dkms("doctor").out.join("\n");
    assert.match(advice, "old/2 is to take its place and is not installed yet");
    assert.not.match(advice, "dkms prune");
    assert.equal(
      machine
        .dkms("prune", "--dry-run")
        .err.concat(machine.dkms("prune", "--dry-run").out)
        .filter((line) => /^ *Delete|Uninstall/.test(line)),
      [],
    );
    machine.dkms("add", "old/2");
    rmSync(join(layout.sourceTree, "old-2/dkms.conf"));
    assert.is(kept(), null);
  }),
);

interface Status {
  readonly modules: readonly { readonly pairs: readonly { readonly keptBecause: unknown }[] }[];
}

test.run();
