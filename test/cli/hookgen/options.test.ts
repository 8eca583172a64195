import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseFlags } from "../../../src/cli/frame/program.ts";
import { hookgenArguments, hookgenProgram, type HookgenArguments } from "../../../src/cli/hookgen/options.ts";
import { DkmsError } from "../../../src/model/errors.ts";

const parsed = (words: readonly string[]): HookgenArguments => hookgenArguments(parseFlags(hookgenProgram, words));

const common = { hookDirectory: undefined, json: false, quiet: false, verbose: false };
const names = { ...common, modules: ["zfs-dkms"], kernels: ["linux"], generator: undefined, force: false, to: "files" };
const write = { ...names, kind: "write", style: undefined };

const rows: readonly (readonly [line: string, expected: unknown])[] = [
  ["zfs-dkms linux", write],
  [
    "zfs-dkms,nvidia-dkms,zfs-dkms linux linux-lts",
    { ...write, modules: ["zfs-dkms", "nvidia-dkms"], kernels: ["linux", "linux-lts"] },
  ],
  ["--generator dracut zfs-dkms linux", { ...write, generator: "dracut" }],
  ["zfs-dkms linux --generator=booster --style shell", { ...write, generator: "booster", style: "shell" }],
  ["zfs-dkms linux --stdout --force -q --json", { ...write, to: "stdout", force: true, quiet: true, json: true }],
  ["--hookdir /tmp/h zfs-dkms linux", { ...write, hookDirectory: "/tmp/h" }],
  ["--remove zfs-dkms", { ...names, kernels: [], kind: "remove" }],
  ["--remove zfs-dkms linux --generator dracut", { ...names, kind: "remove", generator: "dracut" }],
  ["--list", { ...common, kind: "list" }],
  ["--list --json --hookdir h", { ...common, kind: "list", json: true, hookDirectory: "h" }],
  ["--lint", { ...common, kind: "lint", files: [] }],
  ["--lint -q a.hook b.hook", { ...common, kind: "lint", files: ["a.hook", "b.hook"], quiet: true }],
  ["--lint -- --odd.hook", { ...common, kind: "lint", files: ["--odd.hook"] }],
];

for (const [line, expected] of rows) {
  test(`dkms-hookgen ${line}`, () => assert.equal(parsed(line.split(" ")), expected));
}

const refused: readonly (readonly [line: string, code: string, words: RegExp])[] = [
  ["", "usage", /Which module/],
  [",", "usage", /Which module/],
  ["zfs-dkms", "usage", /Which kernel/],
  ["--remove", "usage", /Which module/],
  ["zfs-dkms linux --generator grub", "usage", /mkinitcpio, dracut, booster/],
  ["zfs-dkms linux --style bash", "usage", /exec, shell/],
  ["--remove zfs-dkms --style exec", "usage", /--style/],
  ["--list zfs-dkms", "usage", /no names/],
  ["--list --force", "usage", /--force/],
  ["--list --lint", "usage", /exclude/],
  ["--hookdir= zfs-dkms linux", "usage", /directory/],
  ["--frob", "usage", /frob/],
  ["--hookdir", "usage", /hookdir/],
  ["--force=yes zfs-dkms linux", "usage", /force/],
  ["zfs-dkms ../linux", "bad-name", /linux/],
  ["zfs-dkms,-x linux", "bad-name", /-x/],
  ["zfs-dkms linux,linux-lts", "bad-name", /linux,linux-lts/],
];

for (const [line, code, words] of refused) {
  test(`dkms-hookgen ${line}: refused`, () => {
    assert.throws(
      () => parsed(line.split(" ").filter((word) => word !== "")),
      (error: unknown) => error instanceof DkmsError && error.code === code && words.test(error.message),
    );
  });
}

test("the parser knows every option of the table", () => {
  const values = new Map([
    ["generator", "dracut"],
    ["style", "exec"],
    ["hookdir", "/x"],
  ]);
  const withoutNames = new Set(["list", "lint"]);
  for (const { name } of hookgenProgram.options) {
    const subject = withoutNames.has(name) ? [] : ["zfs-dkms", "linux"];
    assert.ok(parsed([...subject, `--${name}`, ...(values.get(name) ?? "").split(" ").filter(Boolean)]), name);
  }
});

test.run();
