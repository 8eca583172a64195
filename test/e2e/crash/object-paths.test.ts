/** During an upgrade an object's path is never without an object: a trace of all system calls shows that it is only ever renamed over. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule, type TinyModuleSpec } from "../module-packages.ts";
import { linux, older, scenario } from "../scenario.ts";
import { parseTrace, traceNames, type NameChange } from "./system-calls.ts";

/** A module with two more objects. */
function three(moduleVersion: string): TinyModuleSpec {
  const names = ["tiny", "second", "third"];
  const source = 'MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("Another one");\n';
  const more = names
    .slice(1)
    .map(
      (name, index) => `BUILT_MODULE_NAME[${index + 1}]="${name}"\nDEST_MODULE_LOCATION[${index + 1}]="/kernel/misc"\n`,
    );
  return {
    name: "tiny",
    moduleVersion,
    conf: more.join(""),
    files: {
      Makefile: `obj-m := ${names.map((name) => `${name}.o`).join(" ")}\n`,
      "second.c": `#include <linux/module.h>\n${source}MODULE_VERSION("${moduleVersion}");\n`,
      "third.c": `#include <linux/module.h>\n${source}MODULE_VERSION("${moduleVersion}");\n`,
    },
  };
}

interface Upgrade {
  readonly title: string;
  readonly from: TinyModuleSpec;
  readonly to: TinyModuleSpec;
  readonly names: readonly string[];
  readonly kernel: "plain" | "compressed";
}

const one: TinyModuleSpec = { name: "tiny", moduleVersion: "1.0" };

const upgrades: readonly Upgrade[] = [
  { title: "a new version", from: one, to: { ...one, moduleVersion: "2.0" }, names: ["tiny"], kernel: "plain" },
  {
    title: "the same version with another source",
    from: one,
    to: { ...one, version: "1.0-2", source: "int more_of_it;\n" },
    names: ["tiny"],
    kernel: "compressed",
  },
  {
    title: "a new version of three objects",
    from: three("1.0"),
    to: three("2.0"),
    names: ["tiny", "second", "third"],
    kernel: "compressed",
  },
];

for (const { title, from, to, names, kernel } of upgrades) {
  scenario(`${title}, on a kernel with ${kernel} modules`, linux.both, async (machine) => {
    if (kernel === "compressed")
      await machine.need(["zstd", "-q", "--rm", `/usr/lib/modules/${older}/kernel/drivers/misc/dummy-misc.ko`]);
    await machine.commit("-U", await tinyModule(from));
    const suffix = kernel === "compressed" ? ".ko.zst" : ".ko";
    const objects = names.map((name) => `/usr/lib/modules/${older}/updates/dkms/${name}${suffix}`);
    const before = objects.map((path) => machine.read(path));
    const { result, changes } = await traceNames(machine, ["pacman", "--noconfirm", "-U", await tinyModule(to)]);
    assert.is(result.status, 0, result.output);
    for (const [index, path] of objects.entries()) {
      assert.is.not(machine.read(path), before[index], `${path} is the old one: ${result.output}`);
      assert.equal(callsOn(changes, path), ["moved-to"]);
    }
    assert.is(await machine.modinfo(older, "version", "tiny"), to.moduleVersion);
    // What says which version is active is never absent either.
    const link = `/var/lib/dkms/tiny/kernel-${older}-x86_64`;
    assert.ok(
      callsOn(changes, link).every((call) => call === "moved-to"),
      callsOn(changes, link).join(),
    );
  });
}

test("the trace would show an object that is taken away for a moment", () => {
  const lines = [
    'unlinkat(AT_FDCWD</root>, "/usr/lib/modules/k/a.ko", 0) = 0',
    'renameat2(AT_FDCWD</usr/lib>, "modules/b", 7</usr/lib/modules>, "k/a.ko", 0) = 0',
    'openat(4</usr/lib/modules/k>, "a.ko", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 9</usr/lib/modules/k/a.ko>',
    'openat(AT_FDCWD</>, "/usr/lib/modules/k/a.ko", O_RDONLY|O_CLOEXEC) = 9</usr/lib/modules/k/a.ko>',
    'unlink("/usr/lib/modules/k/a.ko") = -1 ENOENT (No such file or directory)',
  ];
  assert.equal(callsOn(parseTrace(lines.join("\n")), "/usr/lib/modules/k/a.ko"), [
    "removed",
    "moved-to",
    "opened-to-write",
  ]);
});

/** What was done to a path, by whatever way it was named. */
function callsOn(changes: readonly NameChange[], path: string): readonly NameChange["call"][] {
  const names = new Set([path, path.replace(/^\/usr\/lib\//, "/lib/")]);
  return changes.filter((change) => names.has(change.path)).map(({ call }) => call);
}

test.run();
