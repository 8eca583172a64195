/** Kernels as people make them: a plus sign in the release, compressed modules, headers in other shapes and other places, another compiler. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { createScene, installed, linux, older } from "../scenario.ts";

interface Shape {
  readonly title: string;
  readonly release: string;
  /** Shell that turns the copy of the headers in $tree into $build; $common is the tree that they include. */
  readonly headers: string;
  /** How the kernel's own modules are compressed. */
  readonly suffix: "" | ".zst" | ".xz" | ".gz";
}

const oneTree = `cp -a "$common" "$tree.one"
rm -rf "$tree.one/scripts" "$tree.one/tools" "$tree.one/Makefile"
cp -a "$common/Makefile" "$tree.one/Makefile"
cp -a "$tree"/. "$tree.whole"
for part in arch include; do cp -a "$tree/$part" "$tree.one/"; done
cp -a "$tree/.config" "$tree/Module.symvers" "$tree/.kernelvariables" "$tree.one/"
cp -aL "$tree/scripts" "$tree/tools" "$tree.one/"
rm -rf "$tree.whole"; mv "$tree.one" "$build"`;

const shapes: readonly Shape[] = [
  { title: "two trees, as Debian has them", release: "6.1.90-two", headers: 'mv "$tree" "$build"', suffix: "" },
  { title: "one tree, as Arch has it", release: "6.1.91-arch1-1", headers: oneTree, suffix: ".zst" },
  {
    title: "headers behind a link, and a plus sign in the release",
    release: "6.1.92-g1a2b3c4+",
    headers: 'mv "$tree" "/usr/src/linux-$release"; ln -s "/usr/src/linux-$release" "$build"',
    suffix: ".xz",
  },
  {
    title: "a tree in somebody's home",
    release: "6.1.93-home",
    headers: 'mkdir -p /home/dev; mv "$tree" "/home/dev/linux-$release"; ln -s "/home/dev/linux-$release" "$build"',
    suffix: ".gz",
  },
  {
    title: "a tree of make O=, with its sources elsewhere",
    release: "6.1.94-out",
    headers: `mkdir -p /home/dev/src; cp -a "$common" /home/dev/src/linux
mv "$tree" /home/dev/out; echo 'include /home/dev/src/linux/Makefile' >/home/dev/out/Makefile
ln -s /home/dev/src/linux /home/dev/out/source; ln -s /home/dev/out "$build"`,
    suffix: "",
  },
];

const makeKernel = `
set -eu
from=/usr/lib/modules/${older}/build
common=$(sed -n 's|^include \\(.*\\)/Makefile$|\\1|p' "$from/Makefile")
directory=/usr/lib/modules/$release tree=/usr/src/headers-$release
build=$directory/build
mkdir -p "$directory/kernel/drivers/misc"
echo "linux-\${release##*-}" >"$directory/pkgbase"
echo kernel/drivers/misc/dummy.ko >"$directory/modules.order"
touch "$directory/modules.builtin"
printf 'no object' >"$directory/kernel/drivers/misc/dummy.ko"
case $suffix in
  .zst) zstd -q --rm "$directory/kernel/drivers/misc/dummy.ko" ;;
  .xz) xz "$directory/kernel/drivers/misc/dummy.ko" ;;
  .gz) gzip "$directory/kernel/drivers/misc/dummy.ko" ;;
esac
cp -a "$from" "$tree"
grep -rlF ${older} "$tree/include/generated" "$tree/include/config" "$tree/.kernelvariables" "$tree/.config" | xargs sed -i "s/${older}/$release/g"
`;

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const transcript: string[] = [];
const machine = await createScene(transcript, [...linux.both]);
test.after(() => machine.dispose());
for (const { release, suffix, headers } of shapes) {
  await machine.need(["bash", "-c", makeKernel + headers], { env: { release, suffix } });
}
machine.write("/etc/dkms-alpm.conf", "[Build]\nKernels = all\n");
const { status, output } = await machine.pacman("-U", tiny);
assert.is(status, 0, output);
const states = await machine.status();

for (const { title, release, suffix } of shapes) {
  test(`${title}: ${release}`, async () => {
    assert.ok(states.includes(installed("tiny/1.0", release)), output);
    const path = `/usr/lib/modules/${release}/updates/dkms/tiny.ko${suffix}`;
    assert.ok(machine.exists(path), machine.list(`/usr/lib/modules/${release}/updates/dkms`).join(" "));
    // kmod of this host may not read every compression.
    const plain = `${{ "": "cat", ".zst": "zstd -dc", ".xz": "xz -dc", ".gz": "gzip -dc" }[suffix]} ${path} >/root/plain.ko`;
    await machine.need(["sh", "-c", plain]);
    assert.match(await machine.need(["modinfo", "-F", "vermagic", "/root/plain.ko"]), `${release} `);
    await machine.need(["dkms", "uninstall", "tiny/1.0", "-k", release]);
    assert.not.ok(machine.exists(path));
  });
}

test("a compiler that is not the kernel's: doctor warns, and modules are built by the one that is here", async () => {
  const { release = "" } = shapes[1] ?? {};
  const tree = `/usr/lib/modules/${release}/build`;
  // In auto.conf texts have no quotation marks. Debian's headers leave out the comparison of compilers that all others make.
  const command = `sed -i /NO_CC_VERSION_CHECK/d .kernelvariables
sed -i 's/^CONFIG_CC_VERSION_TEXT=.*/CONFIG_CC_VERSION_TEXT="gcc (GCC) 4.9.9"/' .config
sed -i 's/^CONFIG_CC_VERSION_TEXT=.*/CONFIG_CC_VERSION_TEXT=gcc (GCC) 4.9.9/' include/config/auto.conf`;
  await machine.need(["bash", "-euc", command], { cwd: tree });
  machine.compiled();
  await machine.need(["dkms", "build", "tiny/1.0", "-k", release, "--force"]);
  assert.equal(machine.compiled(), [`tiny.c for ${release}`]);
  const log = machine.read(`/var/lib/dkms/tiny/1.0/${release}/x86_64/log/make.log`);
  assert.match(log, /^warning: the compiler differs .*\n +The kernel was built by: gcc \(GCC\) 4\.9\.9$/m);
  const { output: found } = await machine.run(["dkms", "doctor"]);
  assert.match(found, new RegExp(`Kernel ${release} was built by gcc 4\\.9\\.9, its modules would be by gcc \\d+`));
});

test.run();
