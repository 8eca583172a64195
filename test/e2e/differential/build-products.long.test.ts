/** Modules of zfs's shape: configured by PRE_BUILD, they leave a header and their symbols in the dkms tree for the modules that need them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeUpModules, type MadeUpModule } from "./made-up-modules.ts";
import { realKernels, realReleases } from "./real-kernels.ts";
import { play } from "./sequence.ts";
import { createTwins, type Program, programs } from "./twins.ts";

const makefile = (object: string): string => `obj-m := ${object}.o\nccflags-y += -I$(src)\n`;

const place = "${dkms_tree}/layers/1.0/${kernelver}/${arch}";

const layers: MadeUpModule = {
  name: "layers",
  version: "1.0",
  objects: [],
  wholeConf: `PACKAGE_NAME=layers
PACKAGE_VERSION=1.0
BUILT_MODULE_NAME[0]=layers
DEST_MODULE_LOCATION[0]=/extra
AUTOINSTALL=yes
PRE_BUILD="scripts/configure.sh \${kernelver} \${kernel_source_dir}"
MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/layers/1.0/build modules"
POST_BUILD="scripts/keep.sh ${place}"
`,
  files: {
    Makefile: makefile("layers"),
    "scripts/configure.sh":
      '#!/bin/sh -e\ntest -e "$2/include/config/auto.conf"\nprintf "#define LAYERS_KERNEL \\"%s\\"\\nint layers_count(void);\\n" "$1" >layers_config.h\n',
    "scripts/keep.sh": '#!/bin/sh -e\ncp layers_config.h Module.symvers "$1"\n',
    "layers.c":
      '#include <linux/module.h>\n#include "layers_config.h"\nint layers_count(void) { return sizeof(LAYERS_KERNEL); }\nEXPORT_SYMBOL(layers_count);\nMODULE_LICENSE("GPL");\nMODULE_VERSION("1.0");\n',
  },
};

const upper: MadeUpModule = {
  name: "a-upper",
  version: "1.0",
  objects: [],
  wholeConf: `PACKAGE_NAME=a-upper
PACKAGE_VERSION=1.0
BUILT_MODULE_NAME[0]=a_upper
DEST_MODULE_LOCATION[0]=/extra
AUTOINSTALL=yes
BUILD_DEPENDS[0]=layers
MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/a-upper/1.0/build LAYERS=${place} KBUILD_EXTRA_SYMBOLS=${place}/Module.symvers modules"
`,
  files: {
    Makefile: `${makefile("a_upper")}ccflags-y += -I$(LAYERS)\n`,
    "a_upper.c":
      '#include <linux/module.h>\n#include "layers_config.h"\nstatic int __init upper_init(void) { return layers_count(); }\nmodule_init(upper_init);\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION(LAYERS_KERNEL);\n',
  },
};

const twins = await createTwins();
const [first = "", , second = ""] = await realReleases();
const fills = [await realKernels([first, second]), await madeUpModules([layers, upper])];

test("autoinstall builds what is below first, and what it left is found", async () => {
  await twins.reset(fills);
  const steps = ["add a-upper/1.0", "add layers/1.0", `autoinstall -k ${first}`, `autoinstall -k ${second}`, "status"];
  await same(steps);
  for (const program of programs) {
    for (const release of [first, second]) {
      assert.is(await modinfo(program, release, "depends", "a_upper"), "layers");
      assert.is(await modinfo(program, release, "description", "a_upper"), release);
      const kept = `/var/lib/dkms/layers/1.0/${release}/x86_64`;
      for (const name of ["layers_config.h", "Module.symvers"]) assert.ok(twins[program].exists(`${kept}/${name}`));
    }
  }
});

test("install does the same one by one, and remove leaves nothing but the signing key", async () => {
  await twins.reset(fills);
  const on = `-k ${second}`;
  await same([
    `install layers/1.0 ${on}`,
    `install a-upper/1.0 ${on}`,
    "status",
    `install layers/1.0 ${on} --force`,
    `build layers/1.0 ${on} --force`,
    "remove a-upper/1.0 --all",
    "remove layers/1.0 --all",
    "status",
  ]);
  for (const program of programs) assert.equal(twins[program].list("/var/lib/dkms"), ["mok.key", "mok.pub"]);
});

async function same(commands: readonly string[]): Promise<void> {
  const { unexplained, compared } = await play(
    twins,
    commands.map((words) => ({ dkms: words })),
    { timeout: 300 },
  );
  assert.is(unexplained.join("\n"), "");
  assert.is(compared, commands.length);
}

async function modinfo(program: Program, release: string, field: string, name: string): Promise<string> {
  return (await twins[program].need(["modinfo", "-k", release, "-F", field, name])).trim();
}

test.after(() => twins.dispose());

test.run();
