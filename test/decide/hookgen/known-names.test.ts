/** Names that hooks are to be written for. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkNames } from "../../../src/decide/hookgen/known-names.ts";
import { nearest } from "../../../src/tell/nearest.ts";

const installed = new Set(["linux", "linux-headers", "zfs-dkms", "nvidia", "zfs-utils"]);
const offered = new Set(["nvidia-dkms", "linux-lts", "linux-lts-headers", "nvidia"]);
const none = new Set<string>();

for (const [modules, kernels, known, says] of [
  [["zfs-dkms"], ["linux", "linux-lts"], { installed, offered }, []],
  [["zfs"], ["linux"], { installed, offered }, [/zfs is no package of a DKMS module\. Did you mean zfs-dkms\?/]],
  [["nvidia"], ["linux"], { installed, offered }, [/Did you mean nvidia-dkms\?/]],
  [["zsf-dkms"], ["linux"], { installed, offered }, [/no package zsf-dkms\. Did you mean zfs-dkms\?/]],
  [["zfs-dkms"], ["linux-ltss"], { installed, offered }, [/no package linux-ltss\. Did you mean linux-lts\?/]],
  [["v4l2loopback-dkms"], ["linux"], { installed, offered }, [/no package v4l2loopback-dkms\.$/]],
  // Nobody has downloaded a database: a name that is like none here may be right.
  [["v4l2loopback-dkms"], ["linux"], { installed, offered: none }, []],
  [["zfs"], ["linux"], { installed: undefined, offered: none }, []],
] as const) {
  test(`${modules.join(",")} ${kernels.join(" ")}`, () => {
    const { refusals } = checkNames({ modules, kernels }, known, nearest);
    assert.is(refusals.length, says.length, refusals.join("\n"));
    for (const [index, words] of says.entries()) assert.match(refusals[index] ?? "", words);
  });
}

test("a name that cannot be looked up is warned of", () => {
  const names = { modules: ["v4l2loopback-dkms"], kernels: ["linux"] };
  const { warnings } = checkNames(names, { installed, offered: none }, nearest);
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? "", "v4l2loopback-dkms is not installed");
});

test.run();
