import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import type { Conf } from "../../../src/model/machine/world.ts";
import { confRemarks } from "../../../src/tell/run/conf-remarks.ts";
import { scope, world } from "../../decide/world-builder.ts";

test("remarks on a conf are told once however many kernels it is built for", () => {
  const plain = world({ kernels: [{ release: "6.1" }, { release: "6.2" }], modules: [{ module: "zfs/2.2" }] });
  const remark = (conf: Conf): Conf =>
    conf.kind === "valid" ? { ...conf, deprecated: ["REMAKE_INITRD"], warnings: ["doubtful"], stderr: "said\n" } : conf;
  const state = { ...plain, confs: new Map([...plain.confs].map(([key, conf]) => [key, remark(conf)])) };
  const plan = decide(state, { kind: "transaction-install", scope: scope({ sources: ["zfs-2.2"] }) });
  assert.equal(
    confRemarks(state, plan).map(({ text }) => text),
    [
      "said",
      "dkms.conf: Warning! doubtful (/usr/src/zfs-2.2/dkms.conf)",
      "Deprecated feature: REMAKE_INITRD (/usr/src/zfs-2.2/dkms.conf)",
    ],
  );
  assert.equal(confRemarks(state, plan, { deprecated: false }).length, 2, "in hooks nothing is said of directives");
  assert.equal(confRemarks(plain, plan), []);
});

test.run();
