import { test } from "uvu";
import * as assert from "uvu/assert";
import { effectiveHooks } from "../../../src/alpm/hook/directories.ts";

test("later directories override earlier ones, and names are sorted by their bytes", () => {
  const hooks = effectiveHooks([
    {
      directory: "/usr/share/libalpm/hooks",
      names: ["90-mkinitcpio-install.hook", "9-x.hook", "70-dkms.hook", "notes"],
    },
    {
      directory: "/etc/pacman.d/hooks",
      names: ["zz.hook", "90-mkinitcpio-dkms-linux.hook", "70-dkms.hook", "Zz.hook"],
    },
    {
      directory: "/opt/hooks",
      names: ["100-y.hook", "70-dkms.hook", "90_x.hook", "90-mkinitcpio.hook", "é.hook", ".hook", "x.hook.bak"],
    },
  ]);
  const order = [
    "",
    "100-y",
    "70-dkms",
    "9-x",
    "90-mkinitcpio",
    "90-mkinitcpio-dkms-linux",
    "90-mkinitcpio-install",
    "90_x",
    "Zz",
    "zz",
    "é",
  ];
  assert.equal(
    hooks.map(({ name }) => name),
    order.map((name) => `${name}.hook`),
  );
  const dkms = hooks.find(({ name }) => name === "70-dkms.hook");
  assert.equal(dkms, {
    name: "70-dkms.hook",
    directory: "/opt/hooks",
    overridden: ["/usr/share/libalpm/hooks", "/etc/pacman.d/hooks"],
  });
});

test("a directory that is named twice overrides nothing by itself", () => {
  const one = { directory: "/etc/pacman.d/hooks", names: ["a.hook"] };
  assert.equal(effectiveHooks([one, one]), [{ name: "a.hook", directory: one.directory, overridden: [] }]);
});

test.run();
