/** The real pacstrap of arch-install-scripts: a new system gets kernel, headers and module in one command, and its modules are built inside. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "../cache.ts";
import { unpackedDeb } from "../debs.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, older, scenario } from "../scenario.ts";

const { folder } = await unpackedDeb("arch-install-scripts");
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });

/** A mounted root that shares the machine's programs and has kernels, sources, settings and state of its own. */
const makeRoot = `
mount -t tmpfs root /mnt
mkdir -p /mnt/{usr,var/lib,opt} /mnt${cacheDirectory}
mount --bind /usr /mnt/usr
for folder in usr/src usr/lib/modules; do mount -t tmpfs own /mnt/$folder; done
for folder in opt ${cacheDirectory.slice(1)}; do mount --rbind /$folder /mnt/$folder; done
cp -a /bin /sbin /lib /lib64 /etc /mnt
cp -a /var/lib/pacman /mnt/var/lib
`;

scenario("pacstrap: modules are built for the kernel of the new system", [], async (machine) => {
  await machine.need(["bash", "-ec", makeRoot]);
  const options = ["-U", "-c", "-G", "-M", "-C", "/etc/pacman.conf"];
  const { status, output } = await machine.run(
    [`${folder}/usr/bin/pacstrap`, ...options, "/mnt", ...linux.both, tiny],
    {
      timeout: 300,
    },
  );
  assert.is(status, 0, output);
  assert.not.match(output, "ERROR: dkms");
  assert.is(await machine.need(["chroot", "/mnt", "dkms", "status"]), `${installed("tiny/1.0", older)}\n`);
  assert.ok(machine.exists(`/mnt/usr/lib/modules/${older}/updates/dkms/tiny.ko`), output);
  assert.equal(await machine.status(), []);
});

test.run();
