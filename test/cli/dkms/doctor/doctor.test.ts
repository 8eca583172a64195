import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { activate, put } from "../../../act/install/scratch.ts";
import { built, object, onMachine } from "../../machine.ts";

interface Document {
  readonly format: number;
  readonly healthy: boolean;
  readonly findings: readonly { readonly code: string; readonly severity: string; readonly fix: string }[];
  readonly settings: readonly { readonly name: string; readonly value: string; readonly from: string }[];
}

test(
  "a healthy machine: one line, status 0",
  onMachine((machine) => {
    machine.source("m/1");
    activate(machine, built(machine, "m/1"));
    put(join(machine.modules, "updates/dkms/m.ko"), object);
    put(join(machine.modules, "build/include/x.h"), "");
    assert.equal(machine.dkms("doctor"), { status: 0, out: ["No problems found."], err: [] });
  }),
);

test(
  "an ailing machine: what is wrong and what fixes it, status 1, and the fixes fix it",
  onMachine((machine) => {
    machine.source("m/1");
    activate(machine, built(machine, "m/1"));
    machine.kernel("6.2-arch1-1", { pkgbase: "linux-zen" });
    const { status, out } = machine.dkms("doctor");
    assert.is(status, 1);
    assert.is(out.includes("==> ERROR: The headers of kernel 6.2-arch1-1 are not installed."), true);
    assert.is(out.includes("  -> Fix: pacman -S linux-zen-headers"), true);
    assert.is(out.includes("  -> Fix: dkms install --force m/1 -k 6.1.0-test"), true);
    assert.is(machine.dkms("install", "--force", "m/1", "-k", "6.1.0-test").status, 0);
    const fixed = machine.dkms("doctor").out;
    assert.is(
      fixed.some((line) => line.includes("install --force")),
      false,
      fixed.join("\n"),
    );
  }),
);

test(
  "as JSON, with all settings",
  onMachine((machine) => {
    machine.source("m/1", "DEST_MODULE_LOCATION=/nowhere\n");
    const { status, out } = machine.dkms("doctor", "--json");
    const document = JSON.parse(out.join("\n")) as Document;
    assert.is(status, 1);
    assert.equal([document.format, document.healthy], [1, false]);
    assert.equal(
      document.findings.map(({ code, severity }) => `${severity} ${code}`),
      ["error conf-invalid"],
    );
    const tree = document.settings.find(({ name }) => name === "dkms_tree");
    assert.equal(tree, {
      file: "framework.conf",
      name: "dkms_tree",
      value: "/dkms",
      from: "command line",
    } as typeof tree);
  }),
);

test(
  "-v means --verbose here, and prints every setting",
  onMachine((machine) => {
    const { out } = machine.dkms("doctor", "-v");
    assert.is(
      out.some((line) => /^symlink_modules = no +\(default\)$/.test(line)),
      true,
    );
    assert.is(out.at(-1), "No problems found.");
  }),
);

test(
  "what an interrupted run has left is told until it is finished",
  onMachine((machine) => {
    machine.source("m/1");
    put(join(machine.layout.state, "pending"), "m/1/6.1.0-test/x86_64\n");
    const pair = built(machine, "m/1");
    put(join(machine.modules, "pkgbase"), "linux\n");
    put(join(machine.modules, "build/include/x.h"), "");
    const { out } = machine.dkms("doctor");
    assert.is(out.includes("==> ERROR: m/1 for 6.1.0-test (x86_64) is built and not installed."), true, out.join("\n"));
    activate(machine, pair);
    put(join(machine.modules, "updates/dkms/m.ko"), object);
    assert.is(machine.dkms("doctor").out.at(-1), "1 note");
    assert.is(machine.dkms("prune").status, 0);
    assert.equal(machine.dkms("doctor").out, ["No problems found."]);
    unlinkSync(join(machine.modules, "updates/dkms/m.ko"));
    assert.is(machine.dkms("doctor").status, 1);
  }),
);

test.run();
