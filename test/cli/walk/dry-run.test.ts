import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { put, snapshot } from "../../act/install/scratch.ts";
import { built, onMachine } from "../machine.ts";

test(
  "autoinstall --dry-run tells what it would do and why, and changes nothing",
  onMachine((machine) => {
    for (const module of ["built/1", "fresh/1", "never/1"]) machine.source(module);
    built(machine, "built/1");
    for (const module of ["fresh/1", "never/1"]) assert.is(machine.dkms("add", module).status, 0);
    machine.source("never/1", "BUILD_EXCLUSIVE_KERNEL=^5\n");
    put(join(machine.modules, "build/include/x.h"), "");
    const before = snapshot(machine.root);
    const { status, out, err } = machine.dkms("autoinstall", "-k", "6.1.0-test", "--dry-run");
    assert.equal([status, err], [0, []]);
    assert.equal(snapshot(machine.root), before);
    const because = "it is not installed for this kernel";
    for (const line of [
      `Install built/1 for 6.1.0-test (x86_64): ${because}`,
      `Build fresh/1 for 6.1.0-test (x86_64): ${because}`,
      `Install fresh/1 for 6.1.0-test (x86_64): ${because}`,
    ]) {
      assert.is(out.includes(line), true, `${line}\n not in\n${out.join("\n")}`);
    }
    assert.is(
      out.some((line) => /never\/1 is not meant for 6\.1\.0-test .*Skipped: .*\^5/.test(line)),
      true,
      out.join("\n"),
    );
  }),
);

test(
  "without headers it says which ones are missing",
  onMachine((machine) => {
    machine.source("m/1");
    assert.is(machine.dkms("add", "m/1").status, 0);
    put(join(machine.modules, "pkgbase"), "linux-lts\n");
    const { out, err } = machine.dkms("autoinstall", "-k", "6.1.0-test", "-n");
    const lines = [...out, ...err].join("\n");
    assert.match(lines, "The headers of kernel 6.1.0-test are not installed. Not built: m/1.");
    assert.match(lines, "pacman -S linux-lts-headers");
  }),
);

test(
  "autoinstall --dry-run --json tells the same to programs",
  onMachine((machine) => {
    machine.source("built/1");
    built(machine, "built/1");
    put(join(machine.modules, "build/include/x.h"), "");
    const { status, out, err } = machine.dkms("autoinstall", "-k", "6.1.0-test", "--dry-run", "--json");
    assert.equal([status, err], [0, []]);
    const { format, dryRun, steps } = JSON.parse(out.join("\n")) as {
      readonly format: number;
      readonly dryRun: boolean;
      readonly steps: readonly Readonly<Record<string, unknown>>[];
    };
    assert.equal([format, dryRun], [1, true]);
    const step = steps.find(({ action }) => action === "install");
    const { module, version, kernel, arch, reason, result, error } = step ?? {};
    assert.equal(
      [module, version, kernel, arch, reason, result, error],
      ["built", "1", "6.1.0-test", "x86_64", "it is not installed for this kernel", "planned", null],
    );
  }),
);

test(
  "with --json stdout is one document, of failures too, and words are on stderr",
  onMachine((machine) => {
    machine.source("m/1");
    put(join(machine.modules, "pkgbase"), "linux\n");
    const { status, out, err } = machine.dkms("install", "m/1", "-k", "6.1.0-test", "--json");
    assert.is(status, 21);
    const { findings } = JSON.parse(out.join("\n")) as {
      readonly findings: readonly { readonly error: { readonly code: string } }[];
    };
    assert.is(findings[0]?.error.code, "headers-missing");
    assert.ok(err.some((line) => line.startsWith("==> ERROR: The headers")));
    assert.is(machine.dkms("generate_mok", "--json").status, 2);
    const pruned = JSON.parse(machine.dkms("prune", "--dry-run", "--json").out.join("\n")) as {
      readonly deletions: readonly unknown[];
    };
    assert.equal(pruned.deletions, []);
  }),
);

test.run();
