/** The way a module takes to a running kernel: built and installed by our hooks, put into the image by our hook through dracut, loaded by the booted kernel. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bootableReleases, kernelPackages } from "../kernel-packages.ts";
import { tinyModule } from "../module-packages.ts";
import { scenario } from "../scenario.ts";
import { image, settleDracut } from "./dracut-machine.ts";
import { boot } from "./emulator.ts";

const release = (await bootableReleases("cloud-amd64")).at(-1) ?? "";
const linux = await kernelPackages({ pkgbase: "linux", release, image: "debian" });
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });

scenario("the version that boots is the one that was just upgraded to", linux.both, async (machine) => {
  settleDracut(machine);
  await machine.need(["dkms-hookgen", "--generator", "dracut", "tiny-dkms", "linux"]);
  const files = {
    kernel: machine.path(`/usr/lib/modules/${release}/vmlinuz`),
    image: machine.path(image("linux")),
    init: "/probe",
  };
  await machine.commit("-U", tiny);
  assert.match(boot(files), `probe: tiny 1.0 is loaded in ${release}`);

  await machine.commit("-U", tinyNext);
  const said = boot(files);
  assert.match(said, `probe: tiny 1.1 is loaded in ${release}`);
  assert.not.match(said, /tiny: .*(disagrees|invalid|unknown symbol)/i);
});

test.run();
