/** The display of a terminal, in a real one (tmux) that changes its size; and what a pipe gets. */
import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { until } from "../../until.ts";

const project = resolve(import.meta.dirname, "../../..");
const child = `${process.execPath} --import tsx test/cli/frame/live-child.ts`;
const server = `dkms-alpm-${process.pid}`;

function tmux(...words: readonly string[]): string {
  return execFileSync("tmux", ["-L", server, "-f", "/dev/null", ...words], { cwd: project, encoding: "utf8" });
}

// The server would end with its last session, while the next row already asks it for one.
test.before(() => {
  tmux("new-session", "-d", "-s", "kept", "cat");
});

test.after(() => {
  spawnSync("tmux", ["-L", server, "kill-server"]);
});

const screen = (): readonly string[] => tmux("capture-pane", "-p", "-J", "-t", "run").trimEnd().split("\n");
const find = (lines: readonly string[], pattern: RegExp): readonly string[] =>
  lines.filter((line) => pattern.test(line));
const goOn = (): string => tmux("send-keys", "-t", "run", "Enter");

/** What is drawn: the bar, and a line for each pair at work; nothing of an earlier drawing. */
function isClean(lines: readonly string[], building: number): boolean {
  const bars = find(lines, /\d\/6 steps/);
  return bars.length === 1 && find(lines, /(compiling|signing|installing)/).length === building;
}

for (const [columns, other] of [
  [60, 100],
  [80, 60],
  [120, 60],
] as const) {
  test(`${columns} columns, then ${other}: one line for each pair stays`, async () => {
    tmux("new-session", "-d", "-s", "run", "-x", String(columns), "-y", "24", `stty -echo; seq 40; ${child}; read`);
    try {
      await until("the display is so", () => isClean(screen(), 3));
      assert.match(screen().join("\n"), /^ zfs\/2\.2\.2 6\.6\.2-arch1-1 +compiling, 7/m);
      tmux("resize-window", "-t", "run", "-x", String(other));
      await until("the display is so", () => isClean(screen(), 3));
      goOn();
      await until("the display is so", () => isClean(screen(), 2));
      const installed = "==> [1/3] Installed nvidia/550.120 for linux 6.6.2-arch1-1 (built in 12 s)";
      assert.equal(find(screen(), /^==>/), [installed]);
      tmux("resize-window", "-t", "run", "-x", String(columns));
      goOn();
      await until("the display is so", () => isClean(screen(), 1));
      goOn();
      await until("the display is so", () => find(screen(), /Installed zfs/).length === 1);
      await until("the display is so", () => find(screen(), /steps|compiling|signing/).length === 0);
      const kept = screen().join("").replaceAll(/\s+/g, " ");
      for (const words of [
        "[1/3] Installed nvidia/550.120",
        "ERROR: [2/3] Building broken/1.0 for linux",
        "[3/3] Installed zfs/2.2.2",
      ])
        assert.is(kept.split(words).length, 2, `${words}: ${kept}`);
    } finally {
      tmux("kill-session", "-t", "run");
    }
  });
}

test("a terminal that knows no escape sequences gets plain lines too", () => {
  const command = `printf '\\n\\n\\n' | TERM=dumb ${child}`;
  const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: project, encoding: "utf8" });
  assert.not.match(stdout.replaceAll("\r\n", "\n"), /[\u0000-\u0008\u000b-\u001f]/);
  assert.match(stdout, "==> Installed zfs/2.2.2");
});

test("a pipe gets plain lines, without a control character", () => {
  const { stdout, stderr } = spawnSync("sh", ["-c", `printf '\\n\\n\\n' | ${child}`], {
    cwd: project,
    encoding: "utf8",
  });
  assert.not.match(stdout + stderr, /[\u0000-\u0008\u000b-\u001f]/);
  assert.match(stdout, "==> Installed zfs/2.2.2");
  assert.match(stderr, "==> ERROR: Building broken/1.0");
});

test.run();
