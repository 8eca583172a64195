/** One machine of the newest generation through its life: install, refusal, upgrade of the module and of the kernel, image and boot. */
import { test } from "uvu";
import * as assert from "uvu/assert";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { bootableReleases, kernelPackages, releases } = await import("../kernel-packages.ts");
const { tinyModule } = await import("../module-packages.ts");
const { repository } = await import("../repository.ts");
const { installed, scenario } = await import("../scenario.ts");
const { addAnn, ask } = await import("../check/ask.ts");
const { image, settleDracut } = await import("../initramfs/dracut-machine.ts");
const { boot } = await import("../initramfs/emulator.ts");

const newer = (await bootableReleases("cloud-amd64")).at(-1) ?? "";
const older = (await releases("cloud-amd64")).findLast((release) => release !== newer) ?? "";
const linux = await kernelPackages({ pkgbase: "linux", release: older });
const linuxNext = await kernelPackages({ pkgbase: "linux", release: newer, image: "debian" });
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
// Configure scripts start makes with jobs of their own, and many makefiles call `make` where make's manual asks for $(MAKE).
const tinyNext = await tinyModule({
  name: "tiny",
  moduleVersion: "1.1",
  conf: 'PRE_BUILD="configure"\nMAKE[0]="make objects"\n',
  files: {
    Kbuild: "obj-m := tiny.o\n",
    configure: { text: "#!/bin/sh\nexec make -f tests.mk -j2\n", mode: 0o755 },
    "tests.mk": "all:\n\t@echo 'slots: $(MAKEFLAGS)'\n",
    Makefile: "objects:\n\tmake -C /usr/lib/modules/$(KERNELRELEASE)/build M=$(CURDIR) modules\n",
  },
});

scenario(`from ${older} to ${newer}, up to a booted kernel`, [], async (machine) => {
  const [pacman = ""] = /v\d+\.\d+\.\d+/.exec(await machine.need(["pacman", "--version"])) ?? [];
  const compiler = await machine.need(["gcc", "-dumpfullversion"]);
  console.log(`pacman ${pacman}, gcc ${compiler.trim()}, Node ${(await machine.need(["node", "--version"])).trim()}`);
  assert.ok(Number(pacman.slice(1).split(".")[0]) >= 7, pacman);

  settleDracut(machine);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
  await machine.commit("-U", ...linux.both, tiny);
  await machine.need(["dkms-hookgen", "--generator", "dracut", "tiny-dkms", "linux"]);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);

  // These headers have vmlinux, from which Kbuild makes BTF for every module.
  await machine.need(["mv", "/usr/bin/pahole", "/root"]);
  const { status, stderr } = await machine.run(["dkms", "build", "tiny/1.0", "-k", older, "--force"]);
  assert.is(status, 10, stderr);
  assert.match(stderr, "The program pahole is missing. Install it: pacman -S pahole\n");
  await machine.need(["mv", "/root/pahole", "/usr/bin"]);
  machine.compiled();

  await repository(machine, "core", linuxNext.both);
  await machine.need(["pacman", "-Sy"]);
  // pacman-conf prints directories that are not there, and this pacman refuses a settings file that names one.
  assert.not.ok(machine.exists("/etc/pacman.d/gnupg"));
  const answers = [await ask(machine), await ask(machine, [], await addAnn(machine))];
  for (const { verdict, doubts } of answers) assert.equal([verdict, doubts], ["breaks", []]);
  const [ofRoot = [], ofAnn] = answers.map(({ findings }) => findings.map(({ why }) => why));
  assert.ok(ofRoot.length > 0);
  assert.equal(ofAnn, ofRoot, "both see the same build fail");
  const before = await machine.snapshot();
  const refused = await machine.pacman("-Su");
  assert.is(refused.status, 1, refused.output);
  assert.match(refused.output, /tiny\.c:\d+:\d+: error: #error "tiny does not build for this kernel"/);
  assert.equal(await machine.changesSince(before), []);
  machine.compiled();

  await machine.commit("-U", tinyNext);
  assert.equal(await machine.status(), [installed("tiny/1.1", older)]);
  assert.equal(await machine.traces("tiny-1.0"), []);
  const log = machine.read(`/var/lib/dkms/tiny/1.1/${older}/x86_64/log/make.log`);
  assert.match(log, /Entering directory '\S+' *\n/);
  assert.not.match(log, /jobserver unavailable/);
  assert.match(log, /^slots: .*--jobserver-auth=fifo:\/proc\/self\/fd\/3$/m);
  machine.compiled();

  await machine.commit("-Su");
  assert.equal(await machine.status(), [installed("tiny/1.1", newer)]);
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
  assert.is((await machine.modinfo(newer, "vermagic", "tiny")).split(" ")[0], newer);

  await machine.need(["/usr/lib/dkms-alpm/bin/dkms-initramfs", "dracut", "linux"], {
    input: "tiny-dkms\n",
    timeout: 300,
  });
  const said = boot({
    kernel: machine.path(`/usr/lib/modules/${newer}/vmlinuz`),
    image: machine.path(image("linux")),
    init: "/probe",
  });
  assert.ok(said.includes(`probe: tiny 1.1 is loaded in ${newer}`), said);
});

test.run();
