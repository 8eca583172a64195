/** The kinds of hostile input that whole programs are given; each is a property over one laid-out machine. */
import * as fs from "node:fs";
import * as fc from "fast-check";
import { rawTar, type RawEntry } from "../../act/archive/raw-tar.ts";
import { hookFile, targetBytes } from "../../fuzz/bytes.ts";
import { fileName, path, victim, word } from "../../fuzz/words.ts";
import { confText, goodConf, layOut, put, release, survives } from "./arena.ts";
import { calmObject, layOutInstalled, layOutOther, layThing, place, placeOfOne, thing } from "./odd-trees.ts";

const readOnly = [
  ["status"],
  ["status", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["prune", "--dry-run"],
  ["autoinstall", "--dry-run", "-k", release],
];
const changing = [
  ["remove", "good/1", "--all"],
  ["uninstall", "good/1", "-k", release],
  ["unbuild", "good/1", "--all"],
  ["install", "good/1", "-k", release],
  ["autoinstall", "-k", release],
  ["prune"],
  ["kernel_prerm", "-k", release],
];

const conf = fc.dictionary(
  fc.constantFrom(
    "PACKAGE_NAME",
    "PACKAGE_VERSION",
    "BUILT_MODULE_NAME[0]",
    "BUILT_MODULE_LOCATION[0]",
    "DEST_MODULE_NAME[0]",
    "DEST_MODULE_LOCATION[0]",
    "BUILT_MODULE_NAME[7]",
    "BUILT_MODULE_NAME[99999999]",
    "AUTOINSTALL",
    "BUILD_DEPENDS[0]",
    "BUILD_EXCLUSIVE_KERNEL",
    "BUILD_EXCLUSIVE_ARCH",
    "BUILD_EXCLUSIVE_CONFIG",
    "OBSOLETE_BY",
    "PATCH[0]",
    "PATCH_MATCH[0]",
    "MAKE_MATCH[1]",
    "STRIP[0]",
    "MODULES_CONF[0]",
    "NO_SUCH_DIRECTIVE",
  ),
  fc.oneof(word, path),
  { minKeys: 1, maxKeys: 5 },
);

const entry: fc.Arbitrary<RawEntry> = fc.record(
  {
    path: fc.oneof(
      fc.constantFrom(
        "dkms_main_tree",
        "dkms_main_tree/dkms_dbversion",
        "dkms_source_tree/dkms.conf",
        "dkms_source_tree/tiny.c",
        `dkms_main_tree/${release}/x86_64/module/tiny.ko`,
        "dkms_binaries_only/PACKAGE_NAME",
      ),
      path.map((text) => text.slice(0, 99)),
      path.map((text) => `dkms_source_tree/${text}`.slice(0, 99)),
    ),
    type: fc.constantFrom("0", "0", "0", "1", "2", "3", "5", "6", "L", "x"),
    target: fc.oneof(
      fc.constantFrom(victim, "/victim", "../../victim", "."),
      path.map((text) => text.slice(0, 99)),
    ),
    content: fc.oneof(word, fc.constant(confText(goodConf))),
    size: fc.constantFrom(0, 7, 1_000_000_000, 0o77777777777),
    mode: fc.constantFrom(0o644, 0o4755, 0),
  },
  { requiredKeys: ["path"] },
);

const commandNames = [
  "add",
  "build",
  "install",
  "uninstall",
  "unbuild",
  "remove",
  "status",
  "match",
  "mktarball",
  "ldtarball",
  "kernel_postinst",
  "kernel_prerm",
  "autoinstall",
  "prune",
  "doctor",
  "no-such",
];
/** Without `-q`, after which the process says nothing any more: it has a kind of its own. */
const option = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("-m", "-v", "-k", "-a", "--templatekernel", "--archive", "--config", "--kernelsourcedir", "-j"),
      fc.oneof(word, path),
    )
    .map((two) => [...two]),
  fc.constantFrom(["--all"], ["--force"], ["--json"], ["--dry-run"], ["--source-only"], ["--binaries-only"], ["--"]),
  fc.oneof(word, path).map((one) => [one]),
);

/** Each kind by its name; a property lays out the trees and runs programs. */
export const kinds: Readonly<Record<string, fc.IAsyncProperty<unknown>>> = {
  trees: fc.asyncProperty(
    fc.array(fc.tuple(place, thing), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...readOnly),
    fc.constantFrom(...changing),
    async (things, reading, change) => {
      layOutInstalled();
      for (const [where, what] of things) layThing(where, what);
      await survives("dkms", reading);
      await survives("dkms", change);
    },
  ),
  "entries of another module": fc.asyncProperty(
    fc.array(fc.tuple(placeOfOne, thing), { minLength: 1, maxLength: 4 }),
    async (things) => {
      layOutInstalled();
      layOutOther();
      for (const [where, what] of things) layThing(where, what);
      const told = await survives("dkms", ["status", "other/1"]);
      if (!told.includes(`other/1, ${release}, x86_64: installed`)) throw new Error(`status: ${told}`);
      const said = await survives("dkms", ["uninstall", "other/1", "-k", release]);
      if (fs.existsSync(calmObject)) throw new Error(`other/1 cannot be uninstalled: ${said}`);
      const last = await survives("dkms", ["remove", "other/1", "--all"]);
      if (fs.existsSync("/var/lib/dkms/other")) throw new Error(`other/1 cannot be removed: ${last}`);
    },
  ),
  "dkms.conf": fc.asyncProperty(conf, fc.constantFrom(...changing), async (changes, change) => {
    layOut();
    put("/usr/src/good-1/dkms.conf", confText({ ...goodConf, ...changes }));
    await survives("dkms", ["add", "/usr/src/good-1"]);
    await survives("dkms", change);
  }),
  targets: fc.asyncProperty(
    targetBytes,
    fc.constantFrom("dkms-install" as const, "dkms-remove" as const),
    async (lines, program) => {
      layOutInstalled();
      await survives(program, [], lines);
    },
  ),
  archives: fc.asyncProperty(
    fc.array(entry, { maxLength: 6 }),
    fc.constantFrom("ldtarball", "add"),
    async (entries, command) => {
      layOut();
      fs.writeFileSync("/run/hostile.tar", rawTar(entries));
      await survives("dkms", [command, "/run/hostile.tar"]);
    },
  ),
  "command lines": fc.asyncProperty(
    fc.constantFrom(...commandNames),
    fc.array(option, { maxLength: 4 }),
    async (name, options) => {
      layOutInstalled();
      await survives("dkms", [name, ...options.flat().map((text) => text.replaceAll("\0", ""))]);
    },
  ),
  "silent command lines": fc.asyncProperty(
    fc.constantFrom(...commandNames),
    fc.array(option, { maxLength: 4 }),
    async (name, options) => {
      layOutInstalled();
      await survives("dkms", ["-q", name, ...options.flat().map((text) => text.replaceAll("\0", ""))]);
    },
  ),
  "hook files": fc.asyncProperty(hookFile, fileName, async (bytes, name) => {
    layOut();
    fs.writeFileSync(`/run/hooks/${name}`, bytes);
    await survives("dkms-hookgen", ["--lint", "--", `/run/hooks/${name}`]);
  }),
};
