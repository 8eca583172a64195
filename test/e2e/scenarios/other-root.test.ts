/** `pacman --root`: a system in a directory, as install media make one; its hooks run in a plain chroot, where no sandbox works unless it is a mount point. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "../cache.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxNext, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const fails = await tinyModule({ name: "fragile", moduleVersion: "1.0", fails: { release: newer } });

/** A root that shares the machine's programs and has kernels, sources, settings and state of its own. */
const makeRoot = `
mkdir -p /mnt/{usr,var/log,tmp,run,root,proc,dev,opt} /mnt${cacheDirectory}
mount --bind /usr /mnt/usr
for folder in usr/src usr/lib/modules; do mount -t tmpfs own /mnt/$folder; done
for folder in dev opt proc ${cacheDirectory.slice(1)}; do mount --rbind /$folder /mnt/$folder; done
cp -a /bin /sbin /lib /lib64 /etc /mnt
mkdir -p /mnt/var/lib && cp -a /var/lib/pacman /mnt/var/lib
`;

/** What the folder is, the command that makes it so, and whether builds can be closed off there. */
const roots = [
  ["a directory", "mkdir -p /mnt", "open"],
  ["a file system of its own", "mount -t tmpfs root /mnt", "closed"],
  ["a directory bound to another place", "mkdir /srv/root && mount --bind /srv/root /mnt", "closed"],
] as const;

const [untested, unsandboxed] = ["DKMS modules were not tested against this transaction", "Builds are not sandboxed"];

for (const [title, makePlace, builds] of roots) {
  scenario(`kernel, headers and module in ${title}`, [], async (machine) => {
    await machine.need(["bash", "-ec", makePlace + makeRoot]);
    const output = await machine.commit("--root", "/mnt", "-U", ...linux.both, tiny);
    for (const warning of [untested, unsandboxed]) assert.is(output.includes(warning), builds === "open", warning);
    assert.is(output.includes(`==> [1/1] tiny/1.0 for linux ${older} builds (`), builds === "closed");
    const inside = await machine.need(["chroot", "/mnt", "dkms", "status"]);
    assert.is(inside, `${installed("tiny/1.0", older)}\n`);
    assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
    assert.ok(machine.exists(`/mnt/usr/lib/modules/${older}/modules.dep`));
    assert.equal(await machine.status(), []);
    assert.equal(await machine.traces("tiny"), []);

    await machine.commit("--root", "/mnt", "-U", ...linuxNext.both);
    assert.is(await machine.need(["chroot", "/mnt", "dkms", "status"]), `${installed("tiny/1.0", newer)}\n`);
    assert.equal(machine.list("/mnt/usr/lib/modules"), [newer]);
  });
}

/** Where nothing can be tested nothing is refused; the settings are those of the root. */
for (const [title, makePlace, builds] of roots.slice(0, 2)) {
  const answer = builds === "closed" ? "is refused" : "is carried out untested";
  scenario(`what would lose a required module ${answer} in ${title}`, [], async (machine) => {
    await machine.need(["bash", "-ec", makePlace + makeRoot]);
    machine.write("/mnt/etc/dkms-alpm.conf", "[Guard]\nRequire = fragile\n");
    await machine.commit("--root", "/mnt", "-U", ...linux.both, fails);
    const { status, output } = await machine.pacman("--root", "/mnt", "-U", ...linuxNext.both);
    assert.is(status, builds === "closed" ? 1 : 0);
    assert.match(output, builds === "closed" ? "This transaction is refused; nothing has been changed." : untested);
    assert.equal(machine.list("/mnt/usr/lib/modules"), [builds === "closed" ? older : newer]);
  });
}

test.run();
