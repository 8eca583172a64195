/** What `dkms-hookgen` makes of files that a person has edited. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseHookFile } from "../../../src/alpm/hook/file.ts";
import { lintHook } from "../../../src/alpm/hook/lint.ts";
import { planHooks } from "../../../src/decide/hookgen/hookgen.ts";
import { after, asking, carriedOut, fresh, linuxHook } from "./requests.ts";

const comment = `# hands off\n${fresh}`;
const added = fresh
  .replace("Target = zfs-dkms\n", "Target = zfs-dkms\nTarget = nvidia-dkms\n")
  .replace("zfs-*/dkms.conf\n", "zfs-*/dkms.conf\nTarget = usr/src/nvidia-*/dkms.conf\n");

/** What asking for nvidia-dkms makes of a file that a person has edited: a text, or the words of the refusal. */
const merges: readonly (readonly [what: string, text: string, result: string | RegExp])[] = [
  ["a comment", comment, `# hands off\n${added}`],
  [
    "another command",
    fresh.replace(/Exec = .*/, "Exec = /usr/bin/mkinitcpio -P"),
    added.replace(/Exec = .*/, "Exec = /usr/bin/mkinitcpio -P"),
  ],
  ["carriage returns", fresh.replaceAll("\n", "\r\n"), added.replaceAll("\n", "\r\n")],
  ["no Remove", fresh.replace("Operation = Remove\n", ""), added.replace("Operation = Remove\n", "")],
  ["no headers", fresh.replace("Target = linux-headers\n", ""), added.replace("Target = linux-headers\n", "")],
  ["no path trigger", fresh.replace(/\[Trigger\]\nOperation = Install\n.*\n.*\nType = Path\n.*\n\n/, ""), /kept/],
  ["a pattern that has it", fresh.replace("= zfs-dkms", "= *-dkms").replace("zfs-*", "*"), /added/],
  [
    "an exclusion",
    fresh.replace("= zfs-dkms", "= zfs-dkms\nTarget = !nvidia-dkms"),
    /refused: .*leave out nvidia-dkms/,
  ],
  [
    "an exclusion by pattern",
    fresh.replace("= zfs-dkms", "= zfs-dkms\nTarget = !nv*"),
    /refused: .*leave out nvidia-dkms/,
  ],
  ["the wrong phase", fresh.replace("PostTransaction", "PreTransaction"), /refused: .*before the transaction/],
  ["another kernel", fresh.replace("Target = linux\n", "Target = linux-zen\n"), /refused: .*names linux any more/],
  ["nothing", "", /refused: .*switched it off/],
  ["a fault", fresh.replace("NeedsTargets", "Needs"), /refused: .*line 24, "Needs" is no option/],
  ["a trailing comment", fresh.replace("Remove\n", "Remove # x\n"), /refused: .*line 7/],
  ["a target without value", fresh.replace("Target = zfs-dkms", "Target"), /refused: .*line 11, Target has no value/],
];

for (const [what, text, result] of merges) {
  test(`a file edited to have ${what}: ${typeof result === "string" ? "merged" : String(result)}`, () => {
    const existing = [{ name: linuxHook, text }];
    const plan = planHooks(asking("nvidia-dkms", "linux"), existing);
    if (typeof result === "string") assert.is(plan.writes[0]?.text, result);
    else
      assert.match([...plan.messages, ...plan.refusals.map(({ reason }) => `refused: ${reason}`)].join("\n"), result);
    for (const refusal of plan.refusals) assert.match(refusal.hint, /--force/);
    assert.is(plan.writes.length + plan.refusals.length, 1);
    assert.equal(planHooks(asking("nvidia-dkms", "linux"), carriedOut(existing, plan)).writes, []);
    const forced = planHooks(asking("nvidia-dkms", "linux", { force: true }), existing).writes[0]?.text ?? "";
    assert.equal(lintHook(parseHookFile(forced)), []);
    assert.match(forced, "Target = nvidia-dkms\n");
  });
}

test("--force keeps the modules that the edited file names", () => {
  const [file] = after([{ name: linuxHook, text: comment }], asking("nvidia-dkms", "linux", { force: true }));
  assert.equal(file, after([], asking("nvidia-dkms zfs-dkms", "linux"))[0]);
});

test("a style asked for changes a file that nobody edited, and refuses one whose command was", () => {
  const shell = after([], asking("zfs-dkms", "linux", { style: "shell" }));
  assert.equal(after([{ name: linuxHook, text: fresh }], asking("zfs-dkms", "linux", { style: "shell" })), shell);
  assert.equal(planHooks(asking("nvidia-dkms", "linux"), shell).writes[0]?.text.includes("dkms-initramfs"), false);
  const edited = [{ name: linuxHook, text: fresh.replace(/Exec = .*/, "Exec = /usr/bin/mkinitcpio -P") }];
  const { refusals } = planHooks(asking("zfs-dkms", "linux", { style: "shell" }), edited);
  assert.match(refusals[0]?.reason ?? "", "its command was edited");
});

test.run();
