/** Objects that are compiled without debug information have the same code and data as those that are stripped of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import { modulePackage } from "../module-packages.ts";
import { projectMachine } from "../project-package.ts";
import type { Machine } from "../machine.ts";
import { linux, older } from "../scenario.ts";
import { loadedSections, sectionNames } from "./elf-sections.ts";

const names = ["acpi-call", "tp-smapi", "dm-writeboost"];
const packages = await Promise.all(names.map((name) => modulePackage({ deb: `${name}-dkms` })));

const results = "/var/cache/dkms-alpm/results";
const nothing: Buffer = Buffer.alloc(0);
let machine: Machine;

/** Builds everything anew and returns the objects, as they are in the tree and as they came from the compiler. */
async function build(): Promise<{ readonly finished: Map<string, Buffer>; readonly raw: Map<string, Buffer> }> {
  machine.remove(results);
  for (const source of machine.list("/usr/src")) {
    const [, name, version] = /^(.+)-([^-]+(?:-\d[^-]*)?)$/.exec(source) ?? [];
    await machine.need(["dkms", "build", `${name}/${version}`, "-k", older, "--force"], { timeout: 280 });
  }
  return { finished: objectsBelow(machine.path("/var/lib/dkms")), raw: objectsBelow(machine.path(results)) };
}

function objectsBelow(folder: string): Map<string, Buffer> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ko"))
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name))]),
  );
}

test.before(async () => {
  machine = await projectMachine({ osRelease: "arch", packages: linux.both });
  // Unpacked and not installed: what hooks do is none of this.
  for (const archive of packages) await need(["bsdtar", "-xf", archive, "-C", machine.path("/"), "usr"]);
});

test("debug information is left out where it would be stripped, and nothing else with it", async () => {
  const without = await build();
  machine.write("/etc/dkms/environment", "export KCFLAGS=\n");
  machine.write("/etc/dkms/framework.conf.d/flags.conf", "build_environment=/etc/dkms/environment\n");
  const stripped = await build();
  assert.ok(without.raw.size >= names.length, `${without.raw.size} objects`);
  assert.equal([...without.finished.keys()].toSorted(), [...stripped.finished.keys()].toSorted());
  for (const [name, bytes] of stripped.raw) {
    const debug = (object: Buffer): boolean => sectionNames(object).includes(".debug_info");
    assert.equal([name, debug(bytes), debug(without.raw.get(name) ?? nothing)], [name, true, false]);
  }
  for (const [name, bytes] of stripped.finished) {
    const sections = loadedSections(bytes);
    for (const needed of [".text ", ".rela.text ", ".modinfo ", "__versions "]) {
      assert.ok(
        sections.some((line) => line.startsWith(needed)),
        `${name} has no ${needed}`,
      );
    }
    assert.equal(loadedSections(without.finished.get(name) ?? nothing), sections, name);
  }
});

test.after(() => machine.dispose());

test.run();
