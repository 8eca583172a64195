/** Installs m/2, or uninstalls it, on the scratch machine whose root is given: `kill-child.ts ROOT install|uninstall`. It is made to be killed. */
import { join } from "node:path";
import { placePair } from "../../../src/act/install/place.ts";
import type { PlaceOrder } from "../../../src/act/install/place-order.ts";
import { withdrawPair } from "../../../src/act/install/withdraw.ts";
import { movedLayout } from "../../../src/model/machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";

const [root = "", action = ""] = process.argv.slice(2);
const order: PlaceOrder = {
  layout: movedLayout({
    dkmsTree: join(root, "dkms"),
    sourceTree: join(root, "src"),
    installTree: join(root, "lib/modules"),
  }),
  pair: {
    module: { name: moduleName("m"), version: moduleVersion("2") },
    kernel: { release: kernelRelease("6.1.0-test"), arch: architecture("x86_64") },
  },
  scheme: { distribution: "arch", addonDirectory: undefined },
  objects: ["m", "k"].map((destName) => ({ destName, destLocation: "/kernel/drivers/misc" })),
  options: { force: false, versionCheck: true, objects: "copied" },
  tell: () => {},
};
if (action === "install") await placePair(order);
else await withdrawPair(order);
