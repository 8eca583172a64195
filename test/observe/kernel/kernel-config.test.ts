/** Kernel configurations: which file, what is in it, how fast. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelConfigPath, parseKernelConfig, readKernelConfig } from "../../../src/observe/kernel/kernel-config.ts";
import { scratch, write } from "../conf/scratch.ts";
import { growthOf } from "../../processor-time.ts";

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
for (const [text, expected] of rows)
  test(`parse ${JSON.stringify(text)}`, () => assert.equal(Array.from(parseKernelConfig(text)), expected));

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

test("what reading takes grows with the lines and no faster", () => {
  const text = (lines: number): string =>
    Array.from({ length: lines }, (_, i) => (i % 3 ? `CONFIG_OPTION_${i}=m` : `# CONFIG_O${i} is not set`)).join("\n");
  const [few, many] = [text(5000), text(40_000)];
  assert.is(parseKernelConfig(many).size, 26_666);
  const growth = growthOf(
    () => parseKernelConfig(few),
    () => parseKernelConfig(many),
  );
  assert.ok(growth < 8 * 3, `eight times the lines take ${growth} times as long`);
});

test.run();
