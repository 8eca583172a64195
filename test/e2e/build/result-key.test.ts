/** Each input of a build, changed in turn, is a miss in the cache of results; the same inputs once more are a hit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong, share } from "../../form.ts";
import { seededRandom } from "../crash/random.ts";
import { projectMachine } from "../project-package.ts";
import type { Machine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, older } from "../scenario.ts";

const base = await tinyModule({
  name: "base",
  moduleVersion: "1",
  conf: 'POST_BUILD="share $kernelver"\n',
  files: { share: { text: '#!/bin/sh\necho shared >"/var/lib/dkms/base/1/$1/x86_64/shared"\n', mode: 0o755 } },
});
const patch = "--- a/Makefile\n+++ b/Makefile\n@@ -1 +1,2 @@\n obj-m := keyed.o\n+# patched\n";
const keyed = await tinyModule({
  name: "keyed",
  moduleVersion: "1",
  conf: 'BUILD_DEPENDS[0]="base"\nPATCH[0]="one.patch"\n',
  files: { "patches/one.patch": patch },
});

const source = "/usr/src/keyed-1";
const headers = `/usr/lib/modules/${older}/build`;

/** What is changed, by a shell command. */
const changes: Readonly<Record<string, string>> = {
  "one byte of the source": `sed -i s/loaded/Loaded/ ${source}/keyed.c`,
  "one mode bit": `chmod g-r ${source}/keyed.c`,
  "a patch of the module's": `echo "a word" | cat - ${source}/patches/one.patch >/tmp/it && mv /tmp/it ${source}/patches/one.patch`,
  "an override": "echo '# nothing' >/etc/dkms/keyed.conf",
  "a patch of the administrator's": `mkdir -p /etc/dkms/keyed/patches && cp ${source}/patches/one.patch /etc/dkms/keyed/patches && echo >>/etc/dkms/keyed/patches/one.patch`,
  "a variable of the build's environment":
    "echo 'export KEYED=1' >/etc/dkms/environment && echo 'build_environment=/etc/dkms/environment' >>/etc/dkms/framework.conf",
  "the compiler": "cc=$(command -v gcc-12 || command -v gcc) && cp -L $cc /tmp/cc && echo >>/tmp/cc && mv /tmp/cc $cc",
  ".config": `echo '# CONFIG_KEYED is not set' >>${headers}/.config`,
  "the generated configuration": `echo '# nothing' >>${headers}/include/config/auto.conf`,
  "Module.symvers": `printf '0x00000001\\tkeyed\\tvmlinux\\tEXPORT_SYMBOL\\t\\n' >>${headers}/Module.symvers`,
  "what a dependency has written": `echo more >>/var/lib/dkms/base/1/${older}/x86_64/shared`,
  "the symbols of a dependency": `printf '0x00000001\\tlower\\tbase\\tEXPORT_SYMBOL\\t\\n' >>/var/lib/dkms/base/1/${older}/x86_64/module/Module.symvers`,
};

let machine: Machine;

/** Builds anew, and returns what `-v` says of the cache. `unbuild` would forget what is kept. */
async function build(): Promise<string> {
  await machine.run(["dkms", "uninstall", "keyed/1", "-k", older]);
  machine.remove(`/var/lib/dkms/keyed/1/${older}`);
  const text = await machine.need(["dkms", "build", "keyed/1", "-k", older, "--verbose"]);
  return /cache \w+/.exec(text)?.[0] ?? text;
}

test.before(async () => {
  machine = await projectMachine({ osRelease: "arch", packages: [...linux.both, base, keyed] });
});

for (const [what, command] of share(Object.entries(changes), 3)) {
  test(`a miss after a change of ${what}, then a hit`, async () => {
    await machine.need(["sh", "-c", command]);
    assert.is(await build(), "cache miss");
    assert.is(await build(), "cache hit");
  });
}

/** How a module comes by a file that lies elsewhere: shell text, with the file's directory as `$1`. */
const ways = {
  "an option -I":
    'sed -i "/ccflags-y/d" Makefile; echo "ccflags-y := -I$1" >>Makefile; echo "#include <word.h>" >word-here.h',
  "an absolute name": 'echo "#include \\"$1/word.h\\"" >word-here.h',
  "a link": 'ln -sf "$1/word.h" word-here.h',
} as const;
const bases = ["/usr/lib", "/usr/share/far", "/usr/local/include", "/opt", "/usr/src"] as const;
const far = await tinyModule({
  name: "far",
  moduleVersion: "1",
  source: '#include "word-here.h"\nMODULE_INFO(word, WORD);\n',
});
const random = seededRandom();

for (let count = isLong ? 8 : 1; count > 0; count -= 1) {
  const way = random.pick(Object.keys(ways) as [keyof typeof ways, ...(keyof typeof ways)[]]);
  const place = `${random.pick([...bases])}/far-${Math.floor(random.below(1e6))}`;
  test(`what plain make would build after a change of a file in ${place}, by ${way} (seed ${random.seed})`, async () => {
    const shell = (text: string): Promise<string> => machine.need(["sh", "-ec", text, "sh", place]);
    await machine.need(["bsdtar", "-xf", far, "-C", "/", "usr"]);
    await shell(`mkdir -p "$1"; cd /usr/src/far-1; ${ways[way]}`);
    for (const word of ["first", "second", "third"]) {
      await shell(`echo '#define WORD "${word}"' >"$1/word.h"`);
      await machine.run(["dkms", "unbuild", "far/1", "-k", older]);
      const said = await machine.need(["dkms", "build", "far/1", "-k", older, "--verbose"]);
      assert.match(said, "cache miss");
      const object = `/var/lib/dkms/far/1/${older}/x86_64/module/far.ko`;
      assert.is((await machine.need(["modinfo", "-F", "word", object])).trim(), word);
    }
    await shell(`rm -rf /srv/far; cp -a /usr/src/far-1 /srv/far; make -s -C ${headers} M=/srv/far modules`);
    assert.is((await machine.need(["modinfo", "-F", "word", "/srv/far/far.ko"])).trim(), "third");
    await machine.need(["sh", "-c", 'dkms remove far/1 --all; rm -r /usr/src/far-1 "$1"', "sh", place]);
  });
}

for (const command of ["unbuild", "remove"]) {
  test(`${command} forgets what is kept of the kernel`, async () => {
    await machine.need(["dkms", "build", "keyed/1", "-k", older]);
    assert.is(await build(), "cache hit");
    await machine.need(["dkms", command, "keyed/1", "-k", older]);
    assert.match(await machine.need(["dkms", "build", "keyed/1", "-k", older, "--verbose"]), "cache miss");
  });
}

test("--force does not ask the cache, and Cache = no keeps nothing", async () => {
  const argv = ["dkms", "build", "keyed/1", "-k", older, "--verbose"];
  assert.match(await machine.need([...argv, "--force"]), /cache not asked/);
  machine.write("/etc/dkms-alpm.conf", "[Build]\nCache = no\n");
  assert.not.match(await build(), /cache/);
});

test.after(() => machine.dispose());

test.run();
