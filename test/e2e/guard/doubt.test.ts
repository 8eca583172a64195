/** What a test cannot prove refuses nothing, unless the administrator wants that: other compilers, missing archives, foreign programs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makePackage } from "../packages.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, newerPattern, older, scenario } from "../scenario.ts";

const fails = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const required = "[Guard]\nRequire = tiny\n";
const gcc = await makePackage({ name: "gcc", version: "100-1" });

const guard = "/usr/lib/dkms-alpm/bin/dkms-guard";
const targets = `usr/lib/modules/${newer}/build/include/\nusr/lib/modules/${newer}/modules.order\n`;

scenario(
  "with another compiler in the same transaction a failure proves nothing, unless that compiler made it",
  [...linux.both, fails],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", required);
    // In a cache nobody knows which version of it is meant.
    await machine.need(["cp", ...linuxNext.both, gcc, "/var/cache/pacman/pkg"]);
    const { status, output } = await machine.run([guard], { input: `${targets}gcc\n` });
    assert.is(status, 0, output);
    assert.match(
      output,
      new RegExp(`WARNING: Whether tiny/1\\.0 for linux ${newerPattern}.*this transaction brings other ones: gcc`),
    );
    assert.match(output, /tiny\.c:\d+:\d+: error/);

    const given = await machine.pacman("-U", ...linuxNext.both, gcc);
    assert.is(given.status, 1, given.output);
    assert.match(given.output, `==> ERROR: Building tiny/1.0 for linux ${newer} failed`);
  },
);

scenario("an archive that is nowhere to be found", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  const { status, output } = await machine.run([guard], { input: targets });
  assert.is(status, 0, output);
  assert.match(output, `the package that brings usr/lib/modules/${newer}/build/ was not found`);
  assert.not.match(output, "ERROR");

  // Without its headers the test has built nothing for the incoming kernel, which proves nothing to the hook for removals either.
  const hook = (option: string, text: string): string =>
    `printf '%s' "${text}" | /usr/lib/dkms-alpm/run-hook dkms-guard ${option}`;
  const lock = ": >/var/lib/pacman/db.lck";
  const arrives = hook("", "$1");
  const leaves = hook("--removal", "$2");
  const play = (...commands: readonly string[]) =>
    machine.run(["/bin/sh", "-c", commands.join("\n"), "pamac", targets, `usr/lib/modules/${older}/modules.order\n`]);
  const removal = await play(lock, arrives, leaves);
  assert.is(removal.status, 0, removal.output);
  const words = `WARNING: Every kernel that has tiny is removed (${older}), and whether an incoming kernel has it is not known.`;
  assert.match(removal.output, words);

  // A daemon goes on to a transaction that removes the kernel and brings none.
  const next = await play(lock, arrives, "rm /var/lib/pacman/db.lck", lock, leaves);
  assert.is(next.status, 99, next.output);
  assert.match(next.output, `ERROR: Every kernel that has tiny is removed (${older}), and no incoming kernel has it.`);
  machine.remove("/var/lib/pacman/db.lck");

  machine.write("/etc/dkms-alpm.conf", `${required}Unknown = refuse\n`);
  const strict = await machine.run([guard], { input: targets });
  assert.is(strict.status, 99, strict.output);
  assert.match(strict.output, "This transaction is refused");
});

scenario("an archive in the download cache, with nobody to say so", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  await machine.need(["cp", ...linuxNext.both, "/var/cache/pacman/pkg"]);
  const { status, output } = await machine.run([guard], { input: targets });
  assert.is(status, 99, output);
  assert.match(output, `==> ERROR: Building tiny/1.0 for linux ${newer} failed`);
});

scenario("a program among the incoming headers that does not start", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  await machine.need(["mkdir", "-p", "/srv/broken"]);
  await machine.need(["bsdtar", "-xf", linuxNext.headers, "-C", "/srv/broken"]);
  machine.write(`/srv/broken/usr/lib/modules/${newer}/build/scripts/basic/fixdep`, "#!/nowhere/ld.so\n", 0o755);
  const archive = "/srv/linux-headers-6.1.99-1-any.pkg.tar.zst";
  await machine.need(["bsdtar", "--zstd", "-cf", archive, "-C", "/srv/broken", ".PKGINFO", "usr"]);
  const { status, output } = await machine.pacman("-U", linuxNext.kernel, archive);
  assert.is(status, 0, output);
  assert.match(output, /WARNING: Whether tiny\/1\.0 for .* is not known: .*fixdep does not start/);
});

scenario("the policies", [...linux.both, fails], async (machine) => {
  await machine.need(["cp", ...linuxNext.both, "/var/cache/pacman/pkg"]);
  const ask = async (settings: string, environment: Record<string, string> = {}): Promise<[number | null, string]> => {
    machine.write("/etc/dkms-alpm.conf", `[Guard]\n${settings}`);
    const { status, output } = await machine.run([guard], { input: targets, env: environment });
    return [status, /==> (ERROR|WARNING): Building/.exec(output)?.[1] ?? output];
  };
  assert.equal(await ask(""), [0, "WARNING"], "not required");
  assert.equal(await ask("Policy = all\n"), [99, "ERROR"]);
  assert.equal(await ask("Policy = all\n", { DKMS_GUARD: "warn" }), [0, "WARNING"]);
  assert.equal(await ask("Policy = warn\nRequire = tiny\n"), [0, "WARNING"]);
  assert.equal(await ask("Policy = off\nRequire = tiny\n"), [0, ""]);
  assert.equal(await ask("Require = tiny\n", { DKMS_GUARD: "off" }), [0, ""]);
  const hook = `[Trigger]\nOperation = Upgrade\nType = Package\nTarget = linux\nTarget = linux-headers\nTarget = tiny-dkms\n[Action]\nWhen = PostTransaction\nExec = /bin/true\n`;
  machine.write("/etc/pacman.d/hooks/90-mkinitcpio-dkms-linux.hook", hook);
  assert.equal(await ask(""), [99, "ERROR"], "a hook puts it into the boot image");
});

test.run();
