/** A machine with little memory builds fewer things at once, and says so. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import type { Machine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { projectMachine } from "../project-package.ts";
import { linux, older } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
let machine: Machine;

/** Builds anew where this much is free, as the kernel tells it; returns what is said on stderr. */
async function build(mebibytes: number, ...words: readonly string[]): Promise<string> {
  machine.write("/tmp/meminfo", `MemTotal: 99999999 kB\nMemAvailable: ${mebibytes * 1024} kB\n`);
  const shell = 'mount --bind /tmp/meminfo /proc/meminfo && exec "$@"';
  const dkms = ["dkms", "build", "tiny/1.0", "-k", older, "--force", ...words];
  const { status, stderr, output } = await machine.run(["unshare", "--mount", "sh", "-c", shell, "sh", ...dkms]);
  assert.is(status, 0, output);
  return stderr;
}

test.before(async () => {
  machine = await projectMachine({ osRelease: "arch", packages: linux.both });
  await need(["bsdtar", "-xf", tiny, "-C", machine.path("/"), "usr"]);
});

test("one job at a time where there is not enough for two, whatever was asked for", async () => {
  assert.match(await build(700, "-j", "4"), "Memory is short (700 MiB are free): builds run 1 at a time instead of 4.");
  assert.match(await build(1100, "-j", "4"), "builds run 2 at a time instead of 4.");
});

test("the report of a transaction says so as well", async () => {
  machine.remove("/var/lib/dkms-alpm");
  machine.remove("/var/cache/dkms-alpm");
  machine.write("/tmp/meminfo", `MemTotal: 99999999 kB\nMemAvailable: ${300 * 1024} kB\n`);
  const shell = 'mount --bind /tmp/meminfo /proc/meminfo && exec "$@"';
  const hook = ["unshare", "--mount", "sh", "-c", shell, "sh", "/usr/lib/dkms-alpm/bin/dkms-install"];
  const { status, output } = await machine.run(hook, { input: "usr/src/tiny-1.0/dkms.conf\n" });
  assert.is(status, 0, output);
  const { reports } = JSON.parse(await machine.need(["dkms", "report", "--json"])) as {
    reports: { warnings: string[] }[];
  };
  assert.match(
    (reports[0]?.warnings ?? []).join("\n"),
    /^Memory is short \(300 MiB are free\): builds run 1 at a time instead of \d+\.$/m,
  );
});

test("nothing is said where there is enough", async () => {
  assert.not.match(await build(16_000, "-j", "4"), "Memory");
});

test("no limit is no limit", async () => {
  assert.not.match(await build(100, "-j", "0"), "Memory");
});

test.after(() => machine.dispose());

test.run();
