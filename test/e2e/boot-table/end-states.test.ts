/**
 * End states of the machine: what caused them, what the judgement of the next boot says of each kernel, and in which words report, doctor and guard say
 * so. All rows share one machine, which is put back to the same state before each of them.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bzImage, cpioImage, peFile } from "../../observe/boot/made-files.ts";
import type { Machine } from "../machine.ts";
import { projectMachine } from "../project-package.ts";
import { madeGenerator, madeKernel, madeModule } from "./packages.ts";

const [release, next, lts] = ["6.6.1-arch1-1", "6.6.2-arch1-1", "6.1.9-lts-1"];
const linux = await madeKernel("linux", release, "6.6.1-1");
const linuxNext = await madeKernel("linux", next, "6.6.2-1");
const linuxLts = await madeKernel("linux-lts", lts, "6.1.9-1");
const generator = await madeGenerator();
const zfs = await madeModule("zfs", "1.0");
/** A second object, of which the kernel may have one of its own. */
const second = `BUILT_MODULE_NAME[1]=spl\nDEST_MODULE_LOCATION[1]=/kernel/own\nMAKE="make KREL=$kernelver && cp zfs.ko spl.ko"\n`;
const [zfsNext, zfsBroken, zfsExclusive, zfsWithoutConf, zfsBrokenLts, zfsTwo, wlBroken] = await Promise.all([
  madeModule("zfs", "1.1"),
  madeModule("zfs", "1.2", { broken: "6.6.2*" }),
  madeModule("zfs", "1.3", { conf: `BUILD_EXCLUSIVE_KERNEL="^6\\.6\\.1-"\n` }),
  madeModule("zfs", "1.4", { hasConf: false }),
  madeModule("zfs", "1.5", { broken: "*lts*" }),
  madeModule("zfs", "1.6", { conf: second }),
  madeModule("wl", "1.0", { broken: "*" }),
]);

const modules = `/usr/lib/modules/${release}`;
const object = `${modules}/updates/dkms/zfs.ko`;
const preset = "/etc/mkinitcpio.d/linux.preset";
const image = "/boot/initramfs-linux.img";
const uki = "/boot/EFI/Linux/arch-linux.efi";

type Verdict = "ready" | "not-ready" | "not-checked";

interface Row {
  readonly cause: string;
  /** Shell text that brings the state about; packages are named by the variables below. */
  readonly by?: string;
  /** Binary files to write before it. */
  readonly files?: Readonly<Record<string, Buffer>>;
  /** By package of the kernel; none for a machine without kernels. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** In the report; `silent` where nothing was done and nothing is wrong. */
  readonly report: string | "silent";
  readonly doctor?: string;
  /** What the guard says of the transaction. */
  readonly guard?: "refuses" | "passes";
}

const variables = {
  LINUX: linuxNext.join(" "),
  KERNEL: linuxNext[0],
  LTS: linuxLts.join(" "),
  LTSKERNEL: linuxLts[0],
  ZFS_NEXT: zfsNext,
  ZFS_BROKEN: zfsBroken,
  ZFS_EXCLUSIVE: zfsExclusive,
  ZFS_WITHOUT_CONF: zfsWithoutConf,
  ZFS_BROKEN_LTS: zfsBrokenLts,
  ZFS_TWO: zfsTwo,
  WL_BROKEN: wlBroken,
  M: modules,
  KO: object,
  PRESET: preset,
  IMG: image,
  R: release,
};

const install = "pacman --noconfirm -U";
const ukiPreset = `printf 'PRESETS=(default)\\ndefault_uki="${uki}"\\n' >$PRESET; rm $IMG`;
const unified = (kernel: string, names: readonly string[]): Buffer =>
  peFile({
    ".uname": Buffer.from(kernel),
    ".linux": bzImage(kernel),
    ".initrd": cpioImage({
      init: "#!/bin/sh\n",
      ...Object.fromEntries(names.map((name) => [`usr/lib/modules/${kernel}/${name}.ko`, "module"])),
    }),
  });
const ready = { linux: "ready" } as const;
const notReady = { linux: "not-ready" } as const;
const notChecked = { linux: "not-checked" } as const;
const lacks = "/boot/initramfs-linux.img does not contain zfs";
const noWhole = "/boot/initramfs-linux.img is no whole image";
const upgraded = `zfs 1.0 is installed for linux ${next}; /boot/initramfs-linux.img contains zfs.`;

const rows: readonly Row[] = [
  {
    cause: "everything is in its place",
    verdicts: ready,
    report: "silent",
    doctor: `zfs 1.0 is installed for linux ${release}; /boot/initramfs-linux.img contains zfs`,
  },
  // Modules on disk.
  { cause: "the object is deleted", by: "rm $KO", verdicts: notReady, report: "zfs.ko of zfs 1.0 does not exist" },
  {
    cause: "the object is altered",
    by: "echo x >>$KO",
    verdicts: notReady,
    report: "is not the file that was built for zfs 1.0",
  },
  {
    cause: "the object is of another kernel",
    by: "sed -i s/vermagic=6.6.1/vermagic=6.6.9/ $KO",
    verdicts: notReady,
    report: "zfs.ko of zfs 1.0 was built for kernel 6.6.9-arch1-1",
    doctor: "was built for kernel 6.6.9-arch1-1",
  },
  {
    cause: "the object is of another machine",
    by: "printf '\\267' | dd of=$KO bs=1 seek=18 conv=notrunc status=none",
    verdicts: notReady,
    report: "zfs.ko of zfs 1.0 was built for aarch64",
    doctor: "was built for aarch64",
  },
  {
    cause: "there is no index",
    by: "rm $M/modules.dep.bin",
    verdicts: notReady,
    report: "is not in depmod's index",
    doctor: "is not in depmod's index",
  },
  {
    cause: "the index lacks the module",
    by: "mv $KO /tmp/ko; depmod $R; mv /tmp/ko $KO",
    verdicts: notReady,
    report: "is not in depmod's index",
    doctor: "is not in depmod's index",
  },
  {
    cause: "the kernel loads nothing without a signature",
    by: "echo CONFIG_MODULE_SIG_FORCE=y >>$M/build/.config",
    verdicts: notReady,
    report: "is not signed, and the kernel refuses it: the kernel is built with CONFIG_MODULE_SIG_FORCE",
  },
  // The kernel that the boot loader starts.
  {
    cause: "no kernel in /boot",
    by: "rm /boot/vmlinuz-linux",
    verdicts: notReady,
    report: "There is no /boot/vmlinuz-linux",
    doctor: "There is no /boot/vmlinuz-linux",
  },
  {
    cause: "a kernel of another release in /boot",
    files: { "/boot/vmlinuz-linux": bzImage("6.6.0-arch1-1") },
    verdicts: notReady,
    report: `/boot/vmlinuz-linux is kernel 6.6.0-arch1-1, and /usr/lib/modules has ${release}.`,
    doctor: "/boot/vmlinuz-linux is kernel 6.6.0-arch1-1, and /usr/lib/modules has",
  },
  {
    cause: "a kernel that is cut off",
    by: "truncate -s 3000 /boot/vmlinuz-linux",
    verdicts: notReady,
    report: "/boot/vmlinuz-linux is no whole kernel: it is cut off",
    doctor: "is no whole kernel",
  },
  {
    cause: "an empty kernel",
    by: ": >/boot/vmlinuz-linux",
    verdicts: notReady,
    report: "is no whole kernel: it is empty",
    doctor: "it is empty",
  },
  {
    cause: "a kernel of an unknown format",
    by: "seq 2000 >/boot/vmlinuz-linux",
    verdicts: notChecked,
    report: "silent",
    doctor: "was not checked",
  },
  // Images.
  {
    cause: "no image",
    by: "rm $IMG",
    verdicts: notReady,
    report: "There is no /boot/initramfs-linux.img",
    doctor: "There is no /boot/initramfs-linux.img",
  },
  {
    cause: "/boot was full: the image is cut off",
    by: "truncate -s -20 $IMG",
    verdicts: notReady,
    report: noWhole,
    doctor: noWhole,
  },
  {
    cause: "/boot was full: the image is empty",
    by: ": >$IMG",
    verdicts: notReady,
    report: `${noWhole}: it is empty`,
    doctor: noWhole,
  },
  {
    cause: "the image lacks the module",
    by: "touch /etc/generator-forgets; write-image $IMG $R",
    verdicts: notReady,
    report: lacks,
    doctor: lacks,
  },
  {
    cause: "the image has another build of the module and is older",
    by: "cp $KO /tmp/ko; echo x >>$KO; write-image $IMG $R; cp /tmp/ko $KO; touch -d 2020-01-01 $IMG",
    verdicts: notReady,
    report: "is older than the installed zfs",
    doctor: "is older than the installed zfs",
  },
  {
    cause: "the image is older and has the same module",
    by: "touch -d 2020-01-01 $IMG",
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "the image is older and has the same module in its plain part",
    by:
      "mkdir -p /tmp/early/usr/lib/modules/$R; cp $KO /tmp/early/usr/lib/modules/$R; touch /etc/generator-forgets; " +
      "write-image /tmp/main $R; bsdtar --format=newc -cf - -C /tmp/early . | cat - /tmp/main >$IMG; touch -d 2020-01-01 $IMG",
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "the image is of another kernel",
    files: { [image]: cpioImage({ "usr/lib/modules/6.6.0-arch1-1/zfs.ko": "x" }) },
    verdicts: notReady,
    report: `/boot/initramfs-linux.img has modules of 6.6.0-arch1-1, not of ${release}`,
    doctor: "has modules of 6.6.0-arch1-1",
  },
  ...(["none", "xz", "gzip"] as const).map((compressor): Row => ({
    cause: `an image with compression ${compressor}`,
    by: `write-image $IMG $R ${compressor}`,
    verdicts: ready,
    report: "silent",
  })),
  {
    cause: "an image behind microcode",
    files: {
      "/tmp/early": Buffer.concat([
        cpioImage({ "kernel/x86/microcode/AuthenticAMD.bin": "x" }, { compression: "none" }),
        Buffer.alloc(512),
      ]),
    },
    by: "write-image /tmp/main $R; cat /tmp/early /tmp/main >$IMG",
    verdicts: ready,
    report: "silent",
  },
  // Presets, layouts, names.
  {
    cause: "only a fallback image, and no other is configured",
    by: `mv $IMG /boot/fallback.img; printf 'ALL_kver=/boot/vmlinuz-linux\\nPRESETS=(fallback)\\nfallback_image=/boot/fallback.img\\n' >$PRESET`,
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "only the fallback image of two",
    by: `mv $IMG /boot/fallback.img; printf 'ALL_kver=/boot/vmlinuz-linux\\nPRESETS=(default fallback)\\ndefault_image=%s\\nfallback_image=/boot/fallback.img\\n' $IMG >$PRESET`,
    verdicts: notReady,
    report: "There is no /boot/initramfs-linux.img",
    doctor: "There is no /boot/initramfs-linux.img",
  },
  {
    cause: "only the default image of two",
    by: `printf 'ALL_kver=/boot/vmlinuz-linux\\nPRESETS=(default fallback)\\ndefault_image=%s\\nfallback_image=/boot/fallback.img\\n' $IMG >$PRESET`,
    verdicts: ready,
    report: "silent",
    doctor: "There is no /boot/fallback.img",
  },
  {
    cause: "a Unified Kernel Image",
    files: { [uki]: unified(release, ["zfs"]) },
    by: `${ukiPreset}; touch ${uki}`,
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "a Unified Kernel Image of another release",
    files: { [uki]: unified("6.6.0-arch1-1", ["zfs"]) },
    by: ukiPreset,
    verdicts: notReady,
    report: `${uki} is kernel 6.6.0-arch1-1`,
    doctor: `${uki} is kernel 6.6.0-arch1-1`,
  },
  {
    cause: "a Unified Kernel Image without the module",
    files: { [uki]: unified(release, []) },
    by: ukiPreset,
    verdicts: notReady,
    report: `${uki} `,
  },
  {
    cause: "a Unified Kernel Image that is cut off",
    files: { [uki]: unified(release, ["zfs"]) },
    by: `${ukiPreset}; truncate -s -600 ${uki}`,
    verdicts: notReady,
    report: `${uki} is no whole kernel`,
    doctor: "is no whole kernel",
  },
  {
    cause: "no Unified Kernel Image",
    by: ukiPreset,
    verdicts: notReady,
    report: `There is no ${uki}`,
    doctor: `There is no ${uki}`,
  },
  {
    cause: "a preset that is more than assignments",
    by: `echo 'ALL_kver="/boot/vmlinuz-$(uname -r)"' >>$PRESET`,
    verdicts: notChecked,
    report: "silent",
    doctor: "was not checked",
  },
  { cause: "dracut's names", by: "rm $PRESET", verdicts: ready, report: "silent" },
  { cause: "booster's names", by: "rm $PRESET; mv $IMG /boot/booster-linux.img", verdicts: ready, report: "silent" },
  {
    cause: "booster's names, and the image lacks the module",
    by: "rm $PRESET $IMG; touch /etc/generator-forgets; write-image /boot/booster-linux.img $R",
    verdicts: notReady,
    report: "/boot/booster-linux.img does not contain zfs",
  },
  {
    cause: "dracut for real",
    by: "rm $PRESET $IMG; dracut --force --no-hostonly --modules base --add-drivers zfs --kver $R $IMG >/tmp/dracut.log 2>&1",
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "kernel-install's layout",
    by: "d=/boot/0123/$R; mkdir -p $d; mv /boot/vmlinuz-linux $d/linux; mv $IMG $d/initrd; rm $PRESET",
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "kernel-install's layout without this kernel",
    by: "d=/boot/0123/6.6.0; mkdir -p $d; mv /boot/vmlinuz-linux $d/linux; mv $IMG $d/initrd; rm $PRESET",
    verdicts: notReady,
    report: `There is no /boot/0123/${release}/linux`,
  },
  {
    cause: "names by the kernel's release",
    by: "mv /boot/vmlinuz-linux /boot/vmlinuz-$R; mv $IMG /boot/initrd.img-$R; rm $PRESET",
    verdicts: ready,
    report: "silent",
  },
  {
    cause: "how the machine boots is not known",
    by: "rm -r $PRESET /boot/*",
    verdicts: notChecked,
    report: "silent",
    doctor: "was not checked",
  },
  {
    cause: "/boot is not mounted, and the kernel was written below it",
    by: "echo 'UUID=1 /boot vfat rw 0 2' >/etc/fstab",
    verdicts: notReady,
    report: "/boot is not mounted, so /boot/vmlinuz-linux was written where the boot loader does not find it",
    doctor: "/boot is not mounted",
  },
  {
    cause: "/boot is not mounted, and nothing lies below it",
    by: "echo 'UUID=1 /boot vfat rw 0 2' >/etc/fstab; rm /boot/*",
    verdicts: notChecked,
    report: "silent",
    doctor: "was not checked",
  },
  {
    cause: "only a hook says that the module is needed, and the image lacks it",
    by: ": >/etc/dkms-alpm.conf; dkms-hookgen --generator mkinitcpio zfs-dkms linux >/dev/null; touch /etc/generator-forgets; write-image $IMG $R",
    verdicts: notReady,
    report: "90-mkinitcpio-dkms-linux.hook puts it into a boot image",
  },
  {
    cause: "nothing says that the module is needed",
    by: ": >/etc/dkms-alpm.conf; touch /etc/generator-forgets; write-image $IMG $R",
    verdicts: ready,
    report: "silent",
  },
  // Transactions.
  {
    cause: "an upgrade of kernel and headers",
    by: `${install} $LINUX`,
    verdicts: ready,
    report: `==> DKMS: ${upgraded}`,
    guard: "passes",
  },
  {
    cause: "an upgrade of the module",
    by: `${install} $ZFS_NEXT`,
    verdicts: ready,
    report: "zfs 1.1 is installed",
    guard: "passes",
  },
  {
    cause: "an upgrade with which the required module does not build",
    by: `${install} $ZFS_BROKEN $LINUX`,
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "the same without the guard",
    by: `DKMS_GUARD=off ${install} $ZFS_BROKEN $LINUX`,
    verdicts: notReady,
    report: "zfs 1.2 is not installed",
  },
  {
    cause: "an upgrade of the kernel without headers",
    by: `${install} $KERNEL`,
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "the same without the guard",
    by: `DKMS_GUARD=off ${install} $KERNEL`,
    verdicts: notReady,
    report: "zfs 1.0 is not installed: the headers of this kernel are missing",
    doctor: "headers of kernel 6.6.2-arch1-1 are not installed",
  },
  {
    cause: "the generator's own hook fails",
    by: `touch /etc/generator-fails; ${install} $LINUX`,
    verdicts: notReady,
    report: noWhole,
    doctor: noWhole,
    guard: "passes",
  },
  {
    cause: "the generator leaves the module out",
    by: `touch /etc/generator-forgets; ${install} $LINUX`,
    verdicts: notReady,
    report: lacks,
    doctor: lacks,
    guard: "passes",
  },
  {
    cause: "BUILD_EXCLUSIVE leaves out the only kernel",
    by: `DKMS_GUARD=off ${install} $ZFS_EXCLUSIVE $LINUX`,
    verdicts: notReady,
    report: "BUILD_EXCLUSIVE leaves it out",
    doctor: "BUILD_EXCLUSIVE leaves it out",
  },
  {
    cause: "the kernel has a newer one of a module's two objects itself",
    by: `mkdir $M/kernel/own; sed s/version=1.0/version=9.0/ $KO >$M/kernel/own/spl.ko; ${install} $ZFS_TWO`,
    verdicts: ready,
    report: `==> DKMS: zfs 1.6 is installed for linux ${release}; /boot/initramfs-linux.img contains zfs.`,
    guard: "passes",
  },
  {
    cause: "a package without a dkms.conf",
    by: `DKMS_GUARD=off ${install} $ZFS_WITHOUT_CONF`,
    verdicts: notReady,
    report: "zfs is not installed, and no package brings its source",
    doctor: "no package brings its source",
  },
  {
    cause: "the required module is removed",
    by: "DKMS_GUARD=off pacman --noconfirm -R zfs-dkms",
    verdicts: notReady,
    report: "zfs is not installed, and no package brings its source",
    doctor: "no package brings its source",
  },
  {
    cause: "no hook installs the required module",
    by: "sed -i s/AUTOINSTALL=yes/AUTOINSTALL=no/ /usr/src/zfs-1.0/dkms.conf; dkms uninstall zfs/1.0 -k $R",
    verdicts: notReady,
    report: "zfs 1.0 is not installed. This machine needs zfs to boot",
    doctor: "zfs 1.0 is not installed. This machine needs zfs to boot",
  },
  {
    cause: "something other than DKMS has put the module there",
    by: "mkdir $M/extra; cp $KO $M/extra; DKMS_GUARD=off pacman --noconfirm -R zfs-dkms",
    verdicts: ready,
    report: `linux ${release} has zfs in extra/zfs.ko; ${image} contains zfs`,
  },
  {
    cause: "the kernel has the removed module built in",
    by: "echo kernel/fs/zfs/zfs.ko >>$M/modules.builtin; DKMS_GUARD=off pacman --noconfirm -R zfs-dkms",
    verdicts: ready,
    report: "has its own zfs",
  },
  {
    cause: "the only kernel is removed",
    by: "DKMS_GUARD=off pacman --noconfirm -R linux linux-headers",
    verdicts: {},
    report: "No kernel is installed: this machine has nothing to boot.",
    doctor: "No kernel is installed",
  },
  {
    cause: "a second kernel with headers",
    by: `${install} $LTS`,
    verdicts: { linux: "ready", "linux-lts": "ready" },
    report: `==> DKMS: zfs 1.0 is installed for linux-lts ${lts}; /boot/initramfs-linux-lts.img contains zfs.`,
    guard: "passes",
  },
  {
    cause: "two kernels, one without headers",
    by: `DKMS_GUARD=off ${install} $LTSKERNEL`,
    verdicts: { linux: "ready", "linux-lts": "not-ready" },
    report: `linux-lts ${lts} is not ready to boot`,
    doctor: `headers of kernel ${lts} are not installed`,
  },
  {
    cause: "a module that nothing needs to boot does not build",
    by: `${install} $WL_BROKEN`,
    verdicts: notReady,
    report: `linux ${release} lacks modules`,
    guard: "passes",
  },
  // What the guard keeps from happening.
  {
    cause: "the required module is to be removed",
    by: "pacman --noconfirm -R zfs-dkms",
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "the only kernel is to be removed",
    by: "pacman --noconfirm -R linux linux-headers",
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "the required module's package is to lose its dkms.conf",
    by: `${install} $ZFS_WITHOUT_CONF`,
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "BUILD_EXCLUSIVE is to leave out the only kernel",
    by: `${install} $ZFS_EXCLUSIVE $LINUX`,
    verdicts: ready,
    report: "silent",
    guard: "refuses",
  },
  {
    cause: "the first build for a second kernel fails, and nothing is lost",
    by: `${install} $ZFS_BROKEN_LTS $LTS`,
    verdicts: { linux: "ready", "linux-lts": "not-ready" },
    report: "zfs 1.5 is not installed",
    guard: "passes",
  },
];

interface Examination {
  readonly findings: readonly { readonly what: string; readonly why: string; readonly fix: string }[];
  readonly boot: {
    readonly kernels: readonly {
      readonly kernel: string;
      readonly pkgbase: string;
      readonly verdict: Verdict;
      readonly images: readonly { readonly path: string }[];
      readonly kernelFiles: readonly string[];
    }[];
  };
}

const kept = "boot etc usr/src usr/lib/modules var/lib/dkms var/lib/dkms-alpm var/lib/pacman";
let machine: Machine;

const shell = (text: string): Promise<string> => machine.need(["sh", "-c", text], { env: variables, timeout: 300 });

test.before(async () => {
  machine = await projectMachine({ osRelease: "arch" });
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = zfs\n");
  machine.write("/etc/fstab", "");
  const { status, output } = await machine.pacman("-U", generator, ...linux, zfs);
  assert.is(status, 0, output);
  await shell(`mkdir /saved; for place in ${kept}; do mkdir -p /saved/$place; cp -a /$place/. /saved/$place/; done`);
});

const restore = `rm -rf /tmp/early /tmp/main /run/dkms-alpm; for place in ${kept}; do find /$place -mindepth 1 -delete; cp -a /saved/$place/. /$place/; done`;

for (const { cause, by = "true", files = {}, verdicts, report, doctor, guard } of rows) {
  test(cause, async () => {
    await shell(restore);
    for (const [path, bytes] of Object.entries(files)) await put(path, bytes);
    const before = await listing();
    const { output } = await machine.run(["sh", "-c", by], { env: variables, timeout: 300 });
    if (guard !== undefined)
      assert.is(/This transaction is refused/.test(output) ? "refuses" : "passes", guard, output);
    if (guard === "refuses") assert.equal(await listing(), before, "something has changed");
    const isTransaction = by.includes("pacman") && guard !== "refuses";
    const told = isTransaction
      ? output.slice(output.indexOf("Reporting on DKMS modules"))
      : (await machine.run(["/usr/lib/dkms-alpm/bin/dkms-report"])).output;
    if (report === "silent") assert.is(told, "");
    else assert.ok(told.includes(report), `${report}\n--- is not in\n${output}\n---\n${told}`);
    const examined = await examine();
    assert.equal(
      Object.fromEntries(examined.boot.kernels.map(({ pkgbase, verdict }) => [pkgbase, verdict])),
      verdicts,
      told,
    );
    const words = [JSON.stringify(examined.boot), ...examined.findings.map(({ what, why }) => `${what} ${why}`)].join(
      "\n",
    );
    const facts = doctor ?? "";
    assert.ok(
      words.includes(facts) || (await machine.run(["dkms", "doctor"])).output.includes(facts),
      `${facts}\n${words}`,
    );
    for (const kernel of examined.boot.kernels) if (kernel.verdict === "ready") await confirm(kernel);
    // What the doctor proposes works: it never proposes what has just failed or would be refused.
    for (const { fix } of examined.findings.filter((finding) => finding.fix.startsWith("dkms install"))) {
      const { status, output: said } = await machine.run(["sh", "-c", fix]);
      assert.is(status, 0, `${fix}\n${said}`);
    }
  });
}

const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

test("without root the doctor names what it may not read", async () => {
  await shell(`${restore}; chmod 600 $IMG`);
  const { stdout, status, output } = await machine.run([...nobody, "dkms", "doctor", "--json"]);
  assert.ok(status === 0 || status === 1, output);
  const examined = JSON.parse(stdout) as Examination;
  assert.equal(
    examined.boot.kernels.map(({ verdict }) => verdict),
    ["not-checked"],
  );
  assert.match(stdout, `this user may not read ${image}`);
});

test("a doctor that can read nothing of the tree exits with status 2", async () => {
  await shell(`${restore}; chmod 700 /var/lib/dkms`);
  const { status, output } = await machine.run([...nobody, "dkms", "doctor"]);
  assert.is(status, 2, output);
});

test("the last ten reports are kept, and printed again", async () => {
  await shell(restore);
  await shell(
    "truncate -s 100 $IMG; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do DKMS_ALPM_TRANSACTION=$n:1 /usr/lib/dkms-alpm/bin/dkms-report; done",
  );
  assert.is(machine.list("/var/lib/dkms-alpm/reports").length, 10);
  const last = await machine.run(["dkms", "report"]);
  assert.is(last.status, 1, last.output);
  assert.match(last.output, noWhole);
  const all = await machine.run(["dkms", "report", "--last", "99", "--json"]);
  assert.is((JSON.parse(all.stdout) as { reports: unknown[] }).reports.length, 10);
  assert.is((await machine.run(["dkms", "report", "--last", "none"])).status, 2);
});

test.after(() => machine.dispose());

/** Other programs come to the same end: modinfo, file, objcopy for Unified Kernel Images, and bsdtar or the generator's lister. */
async function confirm({ kernel, kernelFiles, images }: Examination["boot"]["kernels"][number]): Promise<void> {
  const builtIn = machine.read(`/usr/lib/modules/${kernel}/modules.builtin`).includes("zfs");
  if (!builtIn) {
    const vermagic = await machine.need(["modinfo", "-k", kernel, "-F", "vermagic", "zfs"]);
    assert.ok(vermagic.startsWith(`${kernel} `), vermagic);
  }
  for (const path of kernelFiles.filter((file) => file.endsWith(".efi"))) {
    assert.is(await unifiedRelease(path), kernel);
    assert.match(await unifiedList(path), new RegExp(`usr/lib/modules/${kernel}/zfs\\.ko`));
  }
  for (const path of kernelFiles.filter((file) => !file.endsWith(".efi"))) {
    assert.match(await machine.need(["file", "-b", path]), `version ${kernel} `);
  }
  const isPlain = (path: string): boolean => !path.endsWith(".efi") && !machine.exists("/tmp/early");
  for (const { path } of images.filter((one) => isPlain(one.path))) {
    const isRequired = machine.read("/etc/dkms-alpm.conf").includes("zfs");
    const lister = machine.exists("/tmp/dracut.log") && path.includes("initramfs-linux.img") ? "lsinitrd" : "bsdtar";
    const list = await machine.need(lister === "bsdtar" ? ["bsdtar", "-tf", path] : ["lsinitrd", path]);
    if (isRequired && !builtIn) assert.match(list, /zfs\.ko/);
  }
}

/** What a section of a Unified Kernel Image holds, cut out by objcopy. */
async function section(path: string, name: string): Promise<string> {
  await machine.need(["objcopy", "-O", "binary", `--only-section=${name}`, path, "/tmp/section"]);
  return "/tmp/section";
}

async function unifiedRelease(path: string): Promise<string> {
  return (await machine.need(["cat", await section(path, ".uname")])).replaceAll("\0", "").trim();
}

async function unifiedList(path: string): Promise<string> {
  return machine.need(["bsdtar", "-tf", await section(path, ".initrd")]);
}

test("what is wrong with a Unified Kernel Image, other programs find as well", async () => {
  await shell(restore);
  await put(uki, unified("6.6.0-arch1-1", []));
  assert.is(await unifiedRelease(uki), "6.6.0-arch1-1");
  assert.not.match(await unifiedList(uki), "zfs");
  await shell(`truncate -s -600 ${uki}`);
  const words = `objcopy -O binary --only-section=.initrd ${uki} /tmp/section && bsdtar -tf /tmp/section`;
  assert.is.not((await machine.run(["sh", "-c", words])).status, 0);
});

async function examine(): Promise<Examination> {
  const { stdout, status } = await machine.run(["dkms", "doctor", "--json"]);
  assert.ok(status === 0 || status === 1, stdout);
  return JSON.parse(stdout) as Examination;
}

async function put(path: string, bytes: Buffer): Promise<void> {
  const text = `mkdir -p "$(dirname ${path})" && base64 -d >${path}`;
  const { status, output } = await machine.run(["sh", "-c", text], { input: bytes.toString("base64") });
  assert.is(status, 0, output);
}

/** What a refused transaction must not touch. */
function listing(): Promise<string> {
  return machine.need([
    "find",
    "/boot",
    "/usr/src",
    "/usr/lib/modules",
    "/var/lib/dkms",
    "-printf",
    "%y %m %p %l %s %T@\\n",
  ]);
}

test.run();
