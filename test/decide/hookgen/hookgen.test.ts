import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseHookFile } from "../../../src/alpm/hook/file.ts";
import { lintHook } from "../../../src/alpm/hook/lint.ts";
import { planHooks } from "../../../src/decide/hookgen/hookgen.ts";
import { listHooks } from "../../../src/decide/hookgen/list.ts";
import { generators, onlyGenerator, styles } from "../../../src/decide/hookgen/names.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { after, asking, fresh, linuxHook, removing, type Remove } from "./requests.ts";

test("the hook for one module and one kernel", () => {
  assert.is(
    fresh,
    `# Made by dkms-hookgen: writes the initramfs of linux anew when a module in it has changed and nothing else does.
# More modules: dkms-hookgen MODULE-dkms KERNEL. What you edit here is kept.

[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Package
Target = linux
Target = linux-headers
Target = zfs-dkms

[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Path
Target = usr/src/zfs-*/dkms.conf

[Action]
Description = Updating the initramfs of linux for its DKMS modules...
When = PostTransaction
Exec = /bin/sh -c '[ -x /usr/lib/dkms-alpm/run-hook ] || { while read -r trg; do :; done; exit 0; }; exec /usr/lib/dkms-alpm/run-hook dkms-initramfs mkinitcpio linux'
NeedsTargets
`,
  );
});

test("the shell style has the command of the wiki", () => {
  const [file] = after([], asking("zfs-dkms", "linux", { style: "shell" }));
  assert.match(
    file?.text ?? "",
    "while read -r trg; do case $trg in linux) exit 0; esac; done; /usr/bin/mkinitcpio -p linux'\n",
  );
});

test("one file for each kernel, named after generator and kernel", () => {
  const { writes } = planHooks(asking("zfs-dkms", "linux linux-lts linux", { generator: "dracut" }), []);
  assert.equal(
    writes.map(({ name }) => name),
    ["90-dracut-dkms-linux.hook", "90-dracut-dkms-linux-lts.hook"],
  );
});

test("every hook passes the linter, whatever the names", () => {
  const name = fc.stringMatching(/^[a-z0-9@_+][a-z0-9@._+-]{0,20}$/);
  const names = fc.uniqueArray(
    fc.oneof(
      name,
      name.map((stem) => `${stem}-dkms`),
    ),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(
      names,
      name,
      fc.constantFrom(...generators),
      fc.constantFrom(...styles),
      (modules, kernel, generator, style) => {
        const { writes, refusals } = planHooks(asking(modules.join(" "), kernel, { generator, style }), []);
        assert.equal(refusals, []);
        assert.equal(
          writes.flatMap(({ text }) => lintHook(parseHookFile(text))),
          [],
        );
      },
    ),
  );
});

test("modules asked for one by one, in any order, give the same bytes, and asking again gives nothing", () => {
  const modules = fc.subarray(["zfs-dkms", "nvidia-dkms", "v4l2loopback-dkms", "acpi_call", "vbox-dkms-git"], {
    minLength: 1,
  });
  fc.assert(
    fc.property(modules, fc.constantFrom(...styles), (all, style) => {
      const together = after([], asking(all.join(" "), "linux", { style }));
      const single = all.toReversed().map((module) => asking(module, "linux", { style }));
      assert.equal(after([], ...single), together);
      assert.equal(planHooks(asking(all.join(" "), "linux"), together).writes, []);
      assert.equal(after(together, removing(all.join(" "))), []);
    }),
  );
});

const comment = `# hands off\n${fresh}`;

const two = after(
  [],
  asking("nvidia-dkms zfs-dkms", "linux linux-lts"),
  asking("zfs-dkms", "linux", { generator: "dracut" }),
);

const removals: readonly (readonly [what: string, request: Remove, left: readonly string[]])[] = [
  ["a module, everywhere", removing("zfs-dkms"), ["linux: nvidia-dkms", "linux-lts: nvidia-dkms"]],
  [
    "a module, for a kernel",
    removing("nvidia-dkms", { kernels: ["linux"] }),
    ["dracut linux: zfs-dkms", "linux: zfs-dkms", "linux-lts: nvidia-dkms zfs-dkms"],
  ],
  ["both, for a kernel", removing("nvidia-dkms zfs-dkms", { kernels: ["linux"] }), ["linux-lts: nvidia-dkms zfs-dkms"]],
  [
    "for one generator",
    removing("zfs-dkms", { generator: "dracut" }),
    ["linux: nvidia-dkms zfs-dkms", "linux-lts: nvidia-dkms zfs-dkms"],
  ],
  [
    "what is not there",
    removing("vbox-dkms", { kernels: ["linux-zen"] }),
    ["dracut linux: zfs-dkms", "linux: nvidia-dkms zfs-dkms", "linux-lts: nvidia-dkms zfs-dkms"],
  ],
];

for (const [what, request, left] of removals) {
  test(`removal of ${what}`, () => {
    const files = after(two, request);
    const listed = listHooks(files).map(({ generator, kernel, modules, state }) => {
      assert.is(state, "as written (exec)");
      return `${generator === "dracut" ? "dracut " : ""}${kernel}: ${modules.join(" ")}`;
    });
    assert.equal(listed.toSorted(), left.toSorted());
  });
}

test("removal from an edited file takes out its lines; the last module only with --force", () => {
  const both = after([{ name: linuxHook, text: comment }], asking("nvidia-dkms", "linux"));
  assert.equal(after(both, removing("nvidia-dkms")), [{ name: linuxHook, text: comment }]);
  const { refusals, removals: none } = planHooks(removing("nvidia-dkms zfs-dkms"), both);
  assert.equal([refusals.length, none], [1, []]);
  assert.equal(after(both, removing("nvidia-dkms zfs-dkms", { force: true })), []);
});

test("files of others are left alone, whatever their names", () => {
  const others = [
    "90-mkinitcpio-install.hook",
    "90-grub-dkms-linux.hook",
    "90-mkinitcpio-dkms-.hook",
    "90-mkinitcpio-dkms-a b.hook",
  ];
  const existing = others.map((name) => ({ name, text: fresh }));
  assert.equal(planHooks(removing("zfs-dkms", { force: true }), existing).removals, []);
  assert.equal(listHooks(existing), []);
});

test("the list tells what has become of each file", () => {
  const texts = [fresh, comment, "", "x\n", fresh.replaceAll("linux", "linux-zen")];
  const states = texts.map((text) => listHooks([{ name: linuxHook, text }])[0]?.state);
  assert.equal(states, [
    "as written (exec)",
    "edited",
    "switched off",
    'faulty: line 1, "x" stands before any section',
    "edited: no trigger names the kernel any more",
  ]);
});

for (const name of [
  "",
  "-zfs",
  ".zfs",
  "zfs/dkms",
  "zfs dkms",
  "zfs;id",
  "zfs'",
  "$(id)",
  "zfs\n",
  "../linux",
  "x".repeat(240),
]) {
  test(`refuses ${JSON.stringify(name).slice(0, 20)} as a module and as a kernel`, () => {
    const isBadName = (error: unknown): boolean => error instanceof DkmsError && error.code === "bad-name";
    assert.throws(() => planHooks({ ...asking("zfs-dkms", "linux"), modules: [name] }, []), isBadName);
    assert.throws(() => planHooks({ ...asking("zfs-dkms", "linux"), kernels: [name] }, []), isBadName);
  });
}

test("without --generator it is the one that is installed, if there is one", () => {
  assert.is(onlyGenerator(["dracut"]), "dracut");
  assert.throws(() => onlyGenerator([]), /No generator/);
  assert.throws(() => onlyGenerator(["mkinitcpio", "booster"]), /Several generators .* mkinitcpio, booster/);
});

test.run();
