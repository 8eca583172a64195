import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pacmanMessage, type FaultCode } from "../../../src/alpm/hook/fault.ts";
import { parseHookFile } from "../../../src/alpm/hook/file.ts";
import { lintHook, type HookFinding } from "../../../src/alpm/hook/lint.ts";
import { readHook } from "../../../src/alpm/hook/reading.ts";

const good = `[Trigger]
Operation = Install
Type = Path
Target = usr/src/*/dkms.conf

[Action]
Description = Does things # one & all
When = PostTransaction
Exec = /bin/sh -c 'a; b | c >/dev/null'
NeedsTargets
`;

function found(text: string): readonly string[] {
  return lintHook(parseHookFile(text)).map(({ line, severity, code }) => `${line} ${severity} ${code}`);
}

const asPackage = good.replace("Path", "Package");

const rows: readonly (readonly [text: string, findings: readonly string[]])[] = [
  [good, []],
  ["", []],
  ["# switched off\n", []],
  [good.replace("/bin/sh -c", "sh -c"), ["9 error relative-exec"]],
  [good.replace("/bin/sh -c", "bin/sh -c"), ["9 error relative-exec"]],
  [good.replace(/Exec = .*/, "Exec ="), ["9 error empty-exec"]],
  [good.replace(/Exec = .*/, "Exec = ''"), ["9 error empty-exec"]],
  [good.replace(/Exec = .*/, "Exec = /bin/a && /bin/b"), ["9 warning no-shell"]],
  [good.replace(/Exec = .*/, "Exec = /bin/a; /bin/b"), ["9 warning no-shell"]],
  [good.replace(/Exec = .*/, "Exec = /bin/a b; /bin/b"), ["9 warning no-shell"]],
  [good.replace(/Exec = .*/, "Exec = /bin/a >/dev/null"), ["9 warning no-shell"]],
  [`${good}Depends\n`, ["11 error depends-nothing"]],
  [`${good}Depends =\n`, ["11 error depends-nothing"]],
  [`${good}Depends = dkms # x\n`, ["11 warning trailing-comment"]],
  [good.replace("NeedsTargets", "NeedsTargets = no"), ["10 warning flag-value"]],
  [`${good}AbortOnFail\n`, ["11 warning abort-too-late"]],
  [`${good}AbortOnFail = false\n`.replace("Post", "Pre"), ["11 warning flag-value"]],
  [good.replace("usr/src/*", "/usr/src/*"), ["4 warning leading-slash"]],
  [good.replace("usr/src/*", "!/usr/src/*"), ["1 warning only-negated", "4 warning leading-slash"]],
  [good.replace("dkms.conf\n", "dkms.conf # x\n"), ["4 warning trailing-comment"]],
  [good.replace(/Target.*/, "Target ="), ["4 warning empty-target"]],
  [asPackage, ["4 warning slash-in-package"]],
  [asPackage.replace(/Target.*/, "Target = linux zfs-dkms"), ["4 warning several-targets"]],
  [good.replace("Type = Path", "Type = File"), ["3 warning type-file"]],
  [`${good}When = PostTransaction\nDescription = again\n`, ["11 warning repeated-key", "12 warning repeated-key"]],
  [good.replace("Type = Path", "Type = Path\nType = Path"), ["4 warning repeated-key"]],
  [good.slice(good.indexOf("[Action]")), ["1 warning inert"]],
  [`${good}Depends = dk\0ms\n`, ["11 warning nul"]],
  [`${good}#${"x".repeat(4200)}\n`, ["11 warning long-line", "12 error unknown-key"]],
  [
    "[Trigger]\nTarget\n",
    [
      "1 error missing-type",
      "1 error missing-operation",
      "1 error missing-exec",
      "1 error missing-when",
      "2 error no-value",
    ],
  ],
  [
    "x\n[Trigger]\n[Act]\nExec = a\n[Action]\nEXEC = 'a\nExec = 'a\n",
    [
      "1 error key-before-section",
      "2 error missing-target",
      "2 error missing-type",
      "2 error missing-operation",
      "3 error unknown-section",
      "5 error missing-exec",
      "5 error missing-when",
      "6 error unknown-key",
      "7 error unbalanced-quote",
    ],
  ],
];

for (const [text, findings] of rows) {
  test(`${findings.join(", ") || "nothing"} in ${JSON.stringify(text).slice(-60)}`, () => {
    assert.equal(found(text), findings);
  });
}

const ours = resolve(import.meta.dirname, "../../../hooks");
const ourHooks = readdirSync(ours).filter((name) => name.endsWith(".hook"));

test("this project ships hooks", () => assert.ok(ourHooks.length >= 5, ourHooks.join()));
for (const name of ourHooks) {
  test(`no finding in ${name}`, () => {
    const file = parseHookFile(readFileSync(join(ours, name), "utf8"));
    assert.is(readHook(file).kind, "hook");
    assert.equal(lintHook(file), []);
  });
}

/** Forms that packages ship, in their own ways of writing them. */
const shipped: readonly (readonly [what: string, text: string])[] = [
  [
    "several triggers of both types",
    `[Trigger]
Type = Path
Operation = Install
Operation = Upgrade
Operation = Remove
Target = usr/lib/initcpio/*
Target = usr/lib/firmware/*

[Trigger]
Type = Package
Operation = Install
Operation = Upgrade
Target = mkinitcpio
Target = linux-*

[Action]
Description = Updating linux initcpios...
When = PostTransaction
Exec = /usr/share/libalpm/scripts/mkinitcpio install
NeedsTargets
`,
  ],
  [
    "negated targets beside positive ones",
    `[Trigger]
Operation = Upgrade
Type = Path
Target = usr/lib/systemd/*
Target = !usr/lib/systemd/user/*
Target = usr/lib/systemd/user/default.target

[Trigger]
Operation = Install
Type = Package
Target = *-dkms
Target = !nvidia-open-dkms

[Action]
When = PreTransaction
Exec = /usr/bin/true
AbortOnFail
`,
  ],
  [
    "Depends, and no blanks around =",
    `[Trigger]
Operation=Install
Operation=Upgrade
Operation=Remove
Type=Package
Target=nvidia
Target=linux

[Action]
Description=Updating NVIDIA module in initcpio
Depends=mkinitcpio
Depends=bash>=5
When=PostTransaction
NeedsTargets
Exec=/bin/sh -c 'while read -r trg; do case $trg in linux*) exit 0; esac; done; /usr/bin/mkinitcpio -P'
`,
  ],
  ...[
    `/bin/sh -c 'while read -r f; do install-info "$f" /usr/share/info/dir 2> /dev/null; done;'`,
    `/usr/bin/sh -c '>/run/reboot-required'`,
    `/bin/sh -c '"$0" "$@" || true' /usr/bin/udevadm hwdb --update`,
    `/usr/bin/bash -c "test -d /x && exec /usr/bin/touch /x"`,
    `/usr/bin/gio-querymodules /usr/lib/gio/modules`,
    `/usr/bin/env KEY=value /usr/bin/fc-cache -s`,
    `/bin/bash -euc 'a; b; c > /dev/null;'`,
    `/usr/bin/env bash -lc '$HOME'`,
    "/usr/bin/find /x -exec /bin/touch {} ;",
  ].map((command) => [`Exec = ${command}`, good.replace(/Exec = .*/, () => `Exec = ${command}`)] as const),
];

for (const [what, text] of shipped) {
  test(`no finding in a shipped hook: ${what}`, () => {
    assert.is(readHook(parseHookFile(text)).kind, "hook");
    assert.equal(lintHook(parseHookFile(text)), []);
  });
}

test("every finding tells what, why and how to fix it", () => {
  for (const [text] of rows) {
    for (const finding of lintHook(parseHookFile(text))) {
      const { what, why, fix }: HookFinding = finding;
      for (const words of [what, why, fix]) assert.match(words, /\S\s\S/);
    }
  }
});

const messages: readonly (readonly [text: string, code: FaultCode, message: string | undefined])[] = [
  ["x = 1\n", "key-before-section", "hook F line 1: invalid option x"],
  ["[Trigger]\nType = a # b\n", "bad-value", "hook F line 2: invalid value a # b"],
  ["[X]\n", "unknown-section", "hook F line 1: invalid section X"],
  ["[Action]\nExec\n", "no-command", "hook F line 2: invalid value (null)"],
  ["[Action]\nWhen\n", "no-value", undefined],
  ["\n[Trigger]\n", "missing-target", "Missing trigger targets in hook: F"],
];

for (const [text, code, message] of messages) {
  test(`pacman says of ${JSON.stringify(text)}: ${message ?? "segmentation fault"}`, () => {
    const reading = readHook(parseHookFile(text));
    assert.is(reading.kind, "faulty");
    const fault = reading.kind === "faulty" ? reading.faults[0] : undefined;
    assert.is(fault?.code, code);
    assert.is(fault === undefined ? "" : pacmanMessage(fault, "F"), message);
  });
}

test.run();
