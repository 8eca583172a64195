/** Kernel configurations: which file, what is in it, what is kept of it. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { configOption, kernelConfigPath, readKernelConfig } from "../../../src/observe/kernel/kernel-config.ts";
import { scratch, write } from "../conf/scratch.ts";

const rows: readonly (readonly [text: string, expected: readonly (readonly [string, string])[]])[] = [
  [
    "CONFIG_A=y\nCONFIG_B=m\n",
    [
      ["CONFIG_A", "y"],
      ["CONFIG_B", "m"],
    ],
  ],
  ["# CONFIG_A is not set\nCONFIG_B=n", [["CONFIG_B", "n"]]],
  [
    'CONFIG_A="a = b"\nCONFIG_B=0x10\n',
    [
      ["CONFIG_A", '"a = b"'],
      ["CONFIG_B", "0x10"],
    ],
  ],
  [
    "CONFIG_A=y\r\nCONFIG_B=y\r\n",
    [
      ["CONFIG_A", "y"],
      ["CONFIG_B", "y"],
    ],
  ],
  ["CONFIG_A=y\nCONFIG_A=m\n", [["CONFIG_A", "m"]]],
  ["CONFIG_A\nCONFIG_B=\n", [["CONFIG_B", ""]]],
  [" CONFIG_A=y\nXCONFIG_B=y\n", []],
  ["", []],
];
for (const [text, expected] of rows) {
  test(`parse ${JSON.stringify(text)}`, () => {
    const values = new Map(expected);
    for (const name of ["CONFIG_A", "CONFIG_B", "CONFIG", "CONFIG_", "XCONFIG_B", " CONFIG_A", "CONFIG_A=y\nCONFIG_B"])
      assert.is(configOption(Buffer.from(text), name), values.get(name), name);
  });
}

test("auto.conf comes before .config, the user's choice before both", () => {
  const headers = join(scratch, "headers");
  write("headers/.config", "CONFIG_A=y");
  assert.is(kernelConfigPath(headers), `${headers}/.config`);
  write("headers/include/config/auto.conf", "CONFIG_B=y");
  assert.is(kernelConfigPath(headers), `${headers}/include/config/auto.conf`);
  assert.is(kernelConfigPath(headers, "/boot/config"), "/boot/config");
});

test("no file, no configuration", () => {
  assert.is(readKernelConfig(join(scratch, "none")), undefined);
  assert.is(readKernelConfig(scratch), undefined);
  assert.is(readKernelConfig(write("config", "CONFIG_A=y"))?.options.get("CONFIG_A"), "y");
});

/** As large as that of a distribution's kernel: 200 KB. */
const large = (release: number): string =>
  `CONFIG_CC_VERSION_TEXT="gcc (GCC) 14.2.${release} 20240910, a text of some length"\n` +
  Array.from({ length: 9000 }, (_, i) => `CONFIG_OPTION_${i}=m`).join("\n");

test("answers are those of each configuration, in whatever order they are asked, and a changed file is read again", () => {
  const [one, two] = [1, 2].map((release) => readKernelConfig(write(`config-${release}`, large(release))));
  for (let turn = 0; turn < 2; turn += 1) {
    assert.match(one?.options.get("CONFIG_CC_VERSION_TEXT") ?? "", "14.2.1 ");
    assert.match(two?.options.get("CONFIG_CC_VERSION_TEXT") ?? "", "14.2.2 ");
    assert.is(one?.options.get("CONFIG_OPTION_8999"), "m");
    assert.is(two?.options.get("CONFIG_OPTION_9000"), undefined);
  }
  const again = readKernelConfig(write("config-1", "CONFIG_OPTION_8999=y\n"));
  assert.is(again?.options.get("CONFIG_OPTION_8999"), "y");
});

test("of many kernels' configurations the answers are kept, and not the texts", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 ** 2;
  };
  const before = used();
  const configs = Array.from({ length: 200 }, (_, i) => {
    const config = readKernelConfig(write(`many/config-${i}`, large(i)));
    assert.match(config?.options.get("CONFIG_CC_VERSION_TEXT") ?? "", `14.2.${i} `);
    return config;
  });
  const more = used() - before;
  assert.ok(configs.length === 200 && more < 10, `${more} MiB for 200 configurations`);
});

test.run();
