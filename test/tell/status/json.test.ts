import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Supply } from "../../../src/model/packaging/supply.ts";
import { statusJson, type ModuleStatus } from "../../../src/tell/status/json.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const module = moduleId("zfs/2.1");
const zfs: ModuleStatus = {
  module,
  registration: "broken",
  source: "/usr/src/zfs-2.1",
  sourcePresent: false,
  pairs: [
    {
      pair: { module, kernel: kernel("6.1") },
      state: "installed",
      pkgbase: undefined,
      objects: ["zfs.ko.zst"],
      originals: "kept",
      fault: { kind: "differs", name: "zfs" },
      awaited: moduleId("zfs/2.2"),
    },
    {
      pair: { module, kernel: kernel("6.2") },
      state: "built",
      pkgbase: "linux",
      objects: [],
      originals: "none",
      fault: undefined,
      awaited: undefined,
    },
  ],
};

const supply: Supply = {
  package: "spl-dkms-modules-linux",
  pair: { module: moduleId("spl/2.2"), kernel: kernel("6.2") },
  objects: ["spl.ko.zst"],
};

test("the documented shape, every key always there", () => {
  assert.equal(JSON.parse(statusJson([zfs], [supply])), {
    format: 1,
    modules: [
      {
        module: "zfs",
        version: "2.1",
        registration: "broken",
        source: "/usr/src/zfs-2.1",
        sourcePresent: false,
        pairs: [
          {
            kernel: "6.1",
            arch: "x86_64",
            pkgbase: null,
            state: "installed",
            objects: ["zfs.ko.zst"],
            originals: "kept",
            fault: { kind: "differs", object: "zfs" },
            keptBecause: { reason: "awaits-version", module: "zfs", version: "2.2" },
          },
          {
            kernel: "6.2",
            arch: "x86_64",
            pkgbase: "linux",
            state: "built",
            objects: [],
            originals: "none",
            fault: null,
            keptBecause: null,
          },
        ],
      },
    ],
    supplied: [
      {
        module: "spl",
        version: "2.2",
        kernel: "6.2",
        arch: "x86_64",
        package: "spl-dkms-modules-linux",
        objects: ["spl.ko.zst"],
      },
    ],
  });
  assert.equal(JSON.parse(statusJson([], [])), { format: 1, modules: [], supplied: [] });
});

test.run();
