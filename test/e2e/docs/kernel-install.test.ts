/** kernel-install(8) of systemd with the plugin of this package: a kernel without a required module gets no boot entry, every other one does. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, older, type Scene, createScene } from "../scenario.ts";

const plugin = "/usr/lib/kernel/install.d/45-dkms-alpm.install";
const machineId = "0123456789abcdef0123456789abcdef";
const entry = `/boot/loader/entries/${machineId}-${older}.conf`;

interface Row {
  readonly title: string;
  /** Makes the machine so. */
  readonly before?: (machine: Scene) => Promise<unknown>;
  /** What dkms-alpm.conf says. */
  readonly conf: string;
  /** The release that is added; the installed kernel's when it is not named. */
  readonly release?: string;
  readonly entry: boolean;
  readonly says?: RegExp;
}

const require = "[Guard]\nRequire = tiny\n";

/** Each row finds the machine as the one before has left it. */
const rows: readonly Row[] = [
  { title: "a kernel that has the required module", conf: require, entry: true },
  {
    title: "one whose object was damaged",
    conf: require,
    before: async (machine) => machine.write(`/usr/lib/modules/${older}/updates/dkms/tiny.ko`, "damaged"),
    entry: false,
    says: /ERROR: .*tiny\.ko/,
  },
  {
    title: "one that lacks the required module",
    conf: require,
    before: (machine) => machine.need(["dkms", "uninstall", "tiny/1.0", "-k", older]),
    entry: false,
    says: /tiny 1\.0 is not installed.*\n.*kernel-install add \S+ \/usr\/lib\/modules\/\S+\/vmlinuz\n/,
  },
  { title: "one that lacks a module which nothing needs to boot", conf: "", entry: true },
  {
    title: "one that lacks a required module without a source",
    conf: "[Guard]\nRequire = zfs\n",
    entry: false,
    says: /zfs is not installed, and no package brings its source/,
  },
  {
    title: "a module that a hook puts into the image of another kernel",
    conf: "",
    before: async (machine) =>
      machine.write("/etc/pacman.d/hooks/90-mkinitcpio-dkms-linux-lts.hook", hookFor("tiny-dkms", "linux-lts")),
    entry: true,
  },
  {
    title: "a module that a hook puts into the image of this one",
    conf: "",
    before: async (machine) =>
      machine.write("/etc/pacman.d/hooks/90-mkinitcpio-dkms-linux.hook", hookFor("tiny-dkms", "linux")),
    entry: false,
    says: /90-mkinitcpio-dkms-linux\.hook puts it into a boot image/,
  },
  {
    title: "a kernel without modules of its own",
    conf: require,
    release: "9.9.9-monolith",
    entry: true,
    says: /Not checked: \/usr\/lib\/modules\/9\.9\.9-monolith has no modules of a kernel/,
  },
  {
    title: "a Node that does not start",
    conf: require,
    before: async (machine) => {
      machine.remove("/usr/bin/node");
      machine.write("/usr/bin/node", "#!/bin/sh\nexit 1\n", 0o755);
    },
    entry: true,
    says: /could not check the modules/,
  },
];

function hookFor(target: string, kernel: string): string {
  return `[Trigger]\nOperation = Install\nType = Package\nTarget = ${target}\nTarget = ${kernel}\n[Action]\nWhen = PostTransaction\nExec = /bin/true\n`;
}

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const transcript: string[] = [];
const machine = await createScene(transcript, [...linux.both]);
await machine.commit("-U", tiny);
assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
machine.write("/etc/machine-id", `${machineId}\n`);
machine.write("/etc/kernel/cmdline", "root=/dev/vda\n");
machine.write("/etc/kernel/install.conf", "layout=bls\ninitrd_generator=none\n");
machine.write("/boot/loader/entries.srel", "type1\n");
test.after(() => machine.dispose());

for (const { title, before, conf, release = older, entry: isMade, says } of rows) {
  test(`${title}: ${isMade ? "a boot entry" : "no boot entry"}`, async () => {
    await before?.(machine);
    machine.write("/etc/dkms-alpm.conf", conf);
    const made = entry.replace(older, release);
    machine.remove(made);
    const image = `/usr/lib/modules/${older}/vmlinuz`;
    const { status, output } = await machine.run(["kernel-install", "add", release, image]);
    assert.is(status, 0, output);
    assert.is(machine.exists(made), isMade, output);
    if (says === undefined) assert.not.match(output, /dkms-alpm|ERROR/);
    else assert.match(output, says);
  });
}

test("removing a kernel asks nobody, and a link to /dev/null switches the plugin off", async () => {
  machine.write("/etc/dkms-alpm.conf", require);
  assert.is((await machine.run([plugin, "remove", older, `/boot/${machineId}/${older}`])).output, "");
  await machine.need(["kernel-install", "remove", older]);
  assert.not.ok(machine.exists(entry));
  await machine.need(["mkdir", "-p", "/etc/kernel/install.d"]);
  await machine.need(["ln", "-s", "/dev/null", "/etc/kernel/install.d/45-dkms-alpm.install"]);
  const { output } = await machine.run(["kernel-install", "add", older, `/usr/lib/modules/${older}/vmlinuz`]);
  assert.ok(machine.exists(entry), output);
  assert.not.match(output, /dkms-alpm/);
});

test.run();
