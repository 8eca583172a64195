/** A transaction that would take a required module away is refused before anything changes; everything else goes on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makePackage } from "../packages.ts";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { linux, linuxNext, newer, scenario } from "../scenario.ts";

const fails = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const other = await makePackage({ name: "unrelated", version: "1-1", files: { "usr/share/unrelated": "1\n" } });
const otherNext = await makePackage({ name: "unrelated", version: "2-1", files: { "usr/share/unrelated": "2\n" } });

const everything = [
  "find",
  "/etc",
  "/usr/lib/modules",
  "/usr/src",
  "/usr/share/unrelated",
  "/boot",
  "/var/lib/pacman/local",
];

scenario(
  "a required module that does not build refuses, and nothing has changed",
  [...linux.both, fails, other],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
    machine.write("/boot/vmlinuz-linux", "the kernel\n");
    await repository(machine, "core", [...linuxNext.both, otherNext]);
    await machine.need(["pacman", "-Sy"]);
    const listing = [...everything, "-printf", "%y %m %p %l %s %T@\n"];
    const [before, files] = [await machine.snapshot(), await machine.need(listing)];
    const refused = await machine.pacman("-Su");
    assert.is(refused.status, 1, refused.output);
    assert.match(refused.output, `==> ERROR: Building tiny/1.0 for linux ${newer} failed`);
    assert.match(refused.output, /tiny\.c:\d+:\d+: error: #error "tiny does not build for this kernel"/);
    assert.match(refused.output, `The log is /var/log/dkms-alpm/tiny-1.0-${newer}-x86_64.log`);
    assert.match(refused.output, /named by \[Guard\] Require/);
    assert.match(refused.output, "To upgrade everything else: pacman --noconfirm -Su --ignore linux,linux-headers");
    assert.match(refused.output, "DKMS_GUARD=warn pacman --noconfirm -Su");
    assert.equal(await machine.changesSince(before), []);
    assert.equal(difference(files, await machine.need(listing)), []);
    assert.match(
      machine.read(`/var/log/dkms-alpm/tiny-1.0-${newer}-x86_64.log`),
      "tiny does not build for this kernel",
    );
    assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
    assert.not.ok(machine.exists("/var/lib/pacman/db.lck"));

    const ignoring = await machine.pacman("-Su", "--ignore", "linux,linux-headers");
    assert.is(ignoring.status, 0, ignoring.output);
    assert.is(machine.read("/usr/share/unrelated"), "2\n");

    machine.compiled();
    const warned = await machine.run(["pacman", "--noconfirm", "-Su"], { env: { DKMS_GUARD: "warn" }, timeout: 300 });
    assert.is(warned.status, 0, warned.output);
    assert.match(warned.output, /==> WARNING: Building tiny/);
    assert.equal(machine.list("/usr/lib/modules"), [newer]);
  },
);

scenario("settings and databases of the caller's own", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
  await repository(machine, "core", linuxNext.both);
  await machine.need(["mv", "/var/lib/pacman", "/srv/database"]);
  await machine.need(["mv", "/etc/pacman.conf", "/srv/settings"]);
  // pacman 7 asks for it to be there.
  await machine.need(["mkdir", "/srv/cache"]);
  const own = ["--config", "/srv/settings", "--dbpath", "/srv/database", "--cachedir", "/srv/cache"];
  const { status, output } = await machine.pacman(...own, "-Syu");
  assert.is(status, 1, output);
  assert.match(output, `==> ERROR: Building tiny/1.0 for linux ${newer} failed`);
  assert.match(output, `pacman --noconfirm ${own.join(" ")} -Syu --ignore linux,linux-headers`);
});

scenario("Policy = warn commits, and the last words say what is lost", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = warn\nRequire = tiny\n");
  const output = await machine.commitWithFailure("-U", ...linuxNext.both);
  const [tested = "", reported = ""] = output.split("Reporting on DKMS modules...");
  assert.match(tested, `==> WARNING: Building tiny/1.0 for linux ${newer} failed`);
  assert.not.match(tested, "This transaction is refused");
  assert.match(reported, `==> tiny/1.0 for linux ${newer}: NOT built or installed`);
  assert.match(reported, `==> ERROR: DKMS: linux ${newer} is not ready to boot.`);
  assert.equal(machine.list("/usr/lib/modules"), [newer]);
  assert.equal(await machine.status(), ["tiny/1.0: added"]);
});

/** Lines that are in one text only. */
function difference(before: string, after: string): string[] {
  const [old, now] = [new Set(before.split("\n")), new Set(after.split("\n"))];
  return [...old, ...now].filter((line) => !old.has(line) || !now.has(line));
}

test.run();
