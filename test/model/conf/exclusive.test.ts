/** BUILD_EXCLUSIVE_* and OBSOLETE_BY: which pairs and which objects are not built, and why. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpretDirectives } from "../../../src/model/conf/directives.ts";
import { exclusions } from "../../../src/model/conf/exclusive.ts";
import type { Exclusions } from "../../../src/model/conf/exclusive.ts";
import type { DirectiveName, Verdict } from "../../../src/model/conf/raw-conf.ts";
import { one, rawConf } from "../raw-confs.ts";
import type { Values } from "../raw-confs.ts";

type Verdicts = Partial<Record<DirectiveName, readonly Verdict[]>>;

const config = {
  path: "/boot/config",
  options: new Map([
    ["CONFIG_PCI", "y"],
    ["CONFIG_USB", "m"],
    ["CONFIG_HZ", "300"],
  ]),
};

function judge(values: Values, release = "6.1.0-50-amd64", verdicts: Verdicts = {}): Exclusions {
  const { directives, errors } = interpretDirectives(rawConf({ ...one, ...values }, verdicts));
  assert.equal(errors, []);
  if (directives === undefined) throw new Error("There are no directives.");
  return exclusions(directives, { release, arch: "x86_64", config });
}

type Row = readonly [values: Values, release: string, words: readonly string[], verdicts?: Verdicts];
const k = "6.1.0-50-amd64";
const rows: readonly Row[] = [
  [{}, k, []],
  [{ BUILD_EXCLUSIVE_KERNEL: "^6" }, k, [], { BUILD_EXCLUSIVE_KERNEL: ["matches"] }],
  [
    { BUILD_EXCLUSIVE_KERNEL: "^5" },
    k,
    ['BUILD_EXCLUSIVE_KERNEL "^5" does not match kernel 6.1.0-50-amd64'],
    { BUILD_EXCLUSIVE_KERNEL: ["differs"] },
  ],
  [{ BUILD_EXCLUSIVE_KERNEL: "(" }, k, ["no valid regular expression"], { BUILD_EXCLUSIVE_KERNEL: ["invalid"] }],
  [{ BUILD_EXCLUSIVE_KERNEL: "" }, k, [], { BUILD_EXCLUSIVE_KERNEL: ["matches"] }],
  [
    { BUILD_EXCLUSIVE_ARCH: "i.86" },
    k,
    ['BUILD_EXCLUSIVE_ARCH "i.86" does not match architecture x86_64'],
    { BUILD_EXCLUSIVE_ARCH: ["differs"] },
  ],
  [{ BUILD_EXCLUSIVE_ARCH: "x86" }, k, [], { BUILD_EXCLUSIVE_ARCH: ["matches"] }],
  [{ BUILD_EXCLUSIVE_KERNEL_MIN: "6.1" }, k, []],
  [{ BUILD_EXCLUSIVE_KERNEL_MIN: "6.2" }, k, ["BUILD_EXCLUSIVE_KERNEL_MIN is 6.2, and kernel 6.1.0-50-amd64 is older"]],
  [{ BUILD_EXCLUSIVE_KERNEL_MAX: "6.1" }, k, ["BUILD_EXCLUSIVE_KERNEL_MAX is 6.1, and kernel 6.1.0-50-amd64 is newer"]],
  [{ BUILD_EXCLUSIVE_KERNEL_MAX: "6.1.999" }, k, []],
  [{ BUILD_EXCLUSIVE_KERNEL_MAX: "6.1" }, "6.1", []],
  [{ BUILD_EXCLUSIVE_CONFIG: "CONFIG_PCI CONFIG_USB" }, k, []],
  [
    { BUILD_EXCLUSIVE_CONFIG: "CONFIG_NONE" },
    k,
    ["BUILD_EXCLUSIVE_CONFIG requires CONFIG_NONE, which is not enabled in /boot/config"],
  ],
  [{ BUILD_EXCLUSIVE_CONFIG: "CONFIG_HZ" }, k, ["requires CONFIG_HZ"]],
  [{ BUILD_EXCLUSIVE_CONFIG: "!CONFIG_NONE  !CONFIG_HZ" }, k, []],
  [{ BUILD_EXCLUSIVE_CONFIG: "!CONFIG_PCI" }, k, ["forbids CONFIG_PCI, which is enabled"]],
  [{ BUILD_EXCLUSIVE_CONFIG: "CONFIG_NONE !CONFIG_USB" }, k, ["CONFIG_NONE", "CONFIG_USB"]],
  [{ BUILD_EXCLUSIVE_KERNEL_MIN: "7", BUILD_EXCLUSIVE_CONFIG: "CONFIG_X" }, k, ["_MIN", "CONFIG_X"]],
  [{ OBSOLETE_BY: "5.6" }, k, ["OBSOLETE_BY is 5.6, and kernel"]],
  [{ OBSOLETE_BY: "7" }, k, []],
  [{ OBSOLETE_BY: "5.6", BUILD_EXCLUSIVE_KERNEL_MAX: "7" }, k, []],
  [{ OBSOLETE_BY: "5.6", BUILD_EXCLUSIVE_KERNEL_MAX: ["7"] }, k, []],
  [{ OBSOLETE_BY: "5.6", BUILD_EXCLUSIVE_KERNEL_MAX: "" }, k, ["OBSOLETE_BY"]],
];
for (const [values, release, words, verdicts] of rows) {
  test(`${JSON.stringify(values)} for ${release}`, () => {
    const { pair } = judge(values, release, verdicts);
    assert.is(pair.length, words.length, pair.join("\n"));
    for (const [index, word] of words.entries()) assert.match(pair[index] ?? "", word);
  });
}

const two = { BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_LOCATION: ["/extra", "/extra"] } satisfies Values;
const objects: readonly (readonly [values: Values, excluded: readonly boolean[], pair: boolean])[] = [
  [{ BUILD_EXCLUSIVE_CONFIG: ["CONFIG_PCI", "CONFIG_NONE"] }, [false, true], false],
  [{ BUILD_EXCLUSIVE_CONFIG: ["CONFIG_NONE", "CONFIG_PCI"] }, [true, false], false],
  [{ BUILD_EXCLUSIVE_CONFIG: ["CONFIG_NONE"] }, [true, false], false],
  [{ BUILD_EXCLUSIVE_CONFIG: [undefined, "CONFIG_NONE"] }, [false, true], false],
  [{ BUILD_EXCLUSIVE_CONFIG: "CONFIG_NONE" }, [true, true], true],
  [{ BUILD_EXCLUSIVE_CONFIG: ["CONFIG_NONE", "CONFIG_NONE2"] }, [true, true], true],
  [{ BUILD_EXCLUSIVE_KERNEL_MIN: ["7"], BUILD_EXCLUSIVE_KERNEL_MAX: [undefined, "5"] }, [true, true], true],
  [{ BUILD_EXCLUSIVE_KERNEL_MIN: "7", BUILD_EXCLUSIVE_CONFIG: ["CONFIG_PCI", "CONFIG_PCI"] }, [true, true], true],
];
for (const [values, excluded, pair] of objects) {
  test(`of two objects: ${JSON.stringify(values)}`, () => {
    const found = judge({ ...two, ...values });
    assert.equal(
      found.objects.map((reasons) => reasons.length > 0),
      excluded,
    );
    assert.is(found.pair.length > 0, pair);
  });
}

test("a reason of an object names its index", () => {
  const found = judge({ ...two, BUILD_EXCLUSIVE_KERNEL_MAX: [undefined, "5"] });
  assert.match(found.objects[1]?.[0] ?? "", "BUILD_EXCLUSIVE_KERNEL_MAX[1] is 5");
});

test("one reason for all objects is told once", () => {
  assert.is(judge({ ...two, BUILD_EXCLUSIVE_KERNEL_MIN: "7" }).pair.length, 1);
});

test("a conf without objects is judged as a whole", () => {
  const none = { DEST_MODULE_LOCATION: [] };
  assert.is(judge({ ...none, BUILD_EXCLUSIVE_KERNEL_MIN: "7" }).pair.length, 1);
  assert.is(judge({ ...none, BUILD_EXCLUSIVE_KERNEL_MIN: ["7"] }).pair.length, 1);
  assert.is(judge(none).pair.length, 0);
});

test("without a configuration BUILD_EXCLUSIVE_CONFIG does not count", () => {
  const { directives } = interpretDirectives(rawConf({ ...one, BUILD_EXCLUSIVE_CONFIG: "CONFIG_NONE" }));
  assert.ok(directives);
  if (directives === undefined) return;
  assert.equal(exclusions(directives, { release: k, arch: "x86_64", config: undefined }).pair, []);
});

test.run();
