/** The guard's hook file: what it asks for, and which of the guard's endings stop pacman. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseHookFile } from "../../../../src/alpm/hook/file.ts";
import { lintHook } from "../../../../src/alpm/hook/lint.ts";
import { readHook } from "../../../../src/alpm/hook/reading.ts";
import { wordsplit } from "../../../../src/alpm/wordsplit.ts";
import { toolchainPackages } from "../../../../src/observe/pacman/incoming/toolchain.ts";

const hooks = resolve(import.meta.dirname, "../../../../hooks");
const file = parseHookFile(readFileSync(join(hooks, "05-dkms-guard.hook"), "utf8"));
const reading = readHook(file);
if (reading.kind !== "hook") throw new Error("05-dkms-guard.hook is no hook");
const { triggers, action } = reading.hook;

// pacman sorts hooks by their names without the suffix.
const names = readdirSync(hooks)
  .map((name) => name.replace(/\.hook$/, ""))
  .toSorted();

test("it is sound, comes first, and may stop pacman", () => {
  assert.equal(
    lintHook(file).filter(({ severity }) => severity === "error"),
    [],
  );
  assert.is(names[0], "05-dkms-guard");
  assert.equal([action.when, action.abortOnFail, action.needsTargets], ["PreTransaction", true, true]);
});

test("what is removed has a hook of its own, right after it: a hook is not told what happens to its targets", () => {
  const removal = readHook(parseHookFile(readFileSync(join(hooks, "05-dkms-guard-removal.hook"), "utf8")));
  if (removal.kind !== "hook") throw new Error("05-dkms-guard-removal.hook is no hook");
  const own = removal.hook;
  assert.equal([own.action.when, own.action.abortOnFail, own.action.needsTargets], ["PreTransaction", true, true]);
  assert.equal(
    own.triggers.flatMap(({ operations }) => operations),
    ["Remove"],
  );
  assert.not.ok(triggers.some(({ operations }) => operations.includes("Remove")));
  assert.is(names[1], "05-dkms-guard-removal");
  assert.ok((names[1] ?? "") < "05-snap-pac-pre", "a refusal comes before the snapshot of snap-pac");
});

test("it names the toolchain as the program knows it", () => {
  const named = triggers.filter(({ type }) => type === "Package").flatMap(({ targets }) => targets);
  assert.equal(named.toSorted(), [...toolchainPackages].toSorted());
});

const endings: readonly (readonly [status: string, effect: "stops" | "goes on", words: string])[] = [
  ["exit 0", "goes on", ""],
  ["exit 99", "stops", ""],
  ["exit 1", "goes on", "could not work (status 1)"],
  ["exit 70", "goes on", "could not work (status 70)"],
  ["exit 127", "goes on", "could not work (status 127)"],
  ["exit 130", "goes on", ""],
  ["kill -KILL $$", "goes on", "could not work (status 137)"],
  ["kill -SEGV $$", "goes on", "could not work (status 139)"],
];

for (const [line, effect, words] of endings) {
  test(`a guard that ends by: ${line}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-guard-"));
    try {
      const program = join(folder, "bin/dkms-guard");
      mkdirSync(join(folder, "bin"));
      // What root's shell tells Node must not reach the guard.
      writeFileSync(program, `#!/bin/sh\n[ -z "$NODE_OPTIONS$NODE_PATH" ] || exit 3\n${line}\n`);
      chmodSync(program, 0o755);
      copyFileSync(join(hooks, "run-hook"), join(folder, "run-hook"));
      const command = action.exec.replace("/usr/lib/dkms-alpm/run-hook", join(folder, "run-hook"));
      const split = wordsplit(command);
      assert.is(split.kind, "words");
      const [shell = "", ...rest] = split.kind === "words" ? split.words : [];
      const { status, stdout } = spawnSync(shell, rest, {
        encoding: "utf8",
        input: "usr/src/zfs-2.2/dkms.conf\n",
        env: { PATH: "/usr/bin:/bin", NODE_OPTIONS: "--no-such-option", NODE_PATH: "/tmp" },
      });
      assert.is(status === 0 ? "goes on" : "stops", effect);
      assert.match(stdout, words);
      assert.is(stdout === "", words === "");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("targets that are about no module and no kernel start no guard", () => {
  const { status, stdout } = spawnSync(join(hooks, "run-hook"), ["dkms-guard"], { encoding: "utf8", input: "gcc\n" });
  assert.equal([status, stdout], [0, ""]);
});

for (const [program, ...words] of [
  ["dkms-guard"],
  ["dkms-guard", "--removal"],
  ["dkms-remove"],
  ["dkms-initramfs", "mkinitcpio", "linux"],
]) {
  test(`${[program, ...words].join(" ")}: targets that could not be read to their end are no success`, () => {
    const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-targets-"));
    try {
      mkdirSync(join(folder, "bin"));
      copyFileSync(join(hooks, "run-hook"), join(folder, "run-hook"));
      writeFileSync(join(folder, "bin", program ?? ""), "#!/bin/sh\nwc -l\n", { mode: 0o755 });
      // What dash cannot hold goes through this one, which ends before its time.
      writeFileSync(join(folder, "cat"), "#!/bin/sh\nhead -n 20\nkill -KILL $$\n", { mode: 0o755 });
      // In a directory of its own: the state of the machine is none of this test's.
      const launcher = readFileSync(join(folder, "run-hook"), "utf8").replaceAll(
        /\/(?:run|var\/lib)\/dkms-alpm/g,
        join(folder, "state"),
      );
      writeFileSync(join(folder, "run-hook"), launcher);
      const { status, stdout } = spawnSync("sh", [join(folder, "run-hook"), program ?? "", ...words], {
        encoding: "utf8",
        input: "usr/src/zfs-2.2/dkms.conf\n".repeat(3000),
        env: { PATH: `${folder}:/usr/bin:/bin` },
      });
      assert.is(status, 1, stdout);
      assert.match(stdout, "Not all targets of this hook could be read: cat exited with status 137.");
      assert.match(stdout, /^120$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("every hook starts its program by the one launcher", () => {
  for (const name of readdirSync(hooks).filter((entry) => entry.endsWith(".hook"))) {
    const text = readFileSync(join(hooks, name), "utf8");
    assert.match(text, /^Exec = \/bin\/sh -c '(exec )?\/usr\/lib\/dkms-alpm\/run-hook /m, name);
    assert.not.match(text, /^Exec.*(dkms-alpm\/bin|\/node)/m, name);
  }
});

test("a launcher that is missing stops nothing, and the user learns it", () => {
  const command = action.exec.replace("/usr/lib/dkms-alpm/run-hook", "/nonexistent/run-hook");
  const split = wordsplit(command);
  const [shell = "", ...rest] = split.kind === "words" ? split.words : [];
  const { status, stdout } = spawnSync(shell, rest, { encoding: "utf8", input: "" });
  assert.is(status, 0);
  assert.match(stdout, "dkms-guard could not be started (status 127)");
});

test.run();
