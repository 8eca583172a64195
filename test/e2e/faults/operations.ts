/** What is going on while a fault happens: a machine in a certain state, and a program that changes it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { need } from "../command.ts";
import { madeUpKernels } from "../differential/made-up-kernels.ts";
import { madeUpModules, type MadeUpModule } from "../differential/made-up-modules.ts";
import { makePackage } from "../packages.ts";
import type { FaultMachine, Run } from "./fault-machine.ts";

export interface Operation {
  readonly name: string;
  /** Brings a machine on which nothing is installed into the state in which the program is run. */
  readonly prepare: (machine: FaultMachine) => Promise<void>;
  readonly run: Run;
  /** The file name of the program that is struck, where that is not Node. */
  readonly victim?: string;
  /** What its words for a failure have, where that is a shell: a write that fails has no reason there. */
  readonly words?: RegExp;
}

const release = "6.1.10-arch1-1";
const pkgbase = `linux-${release}`;

/** The kernel compresses its modules and brings one that the module `pair` has in a newer version; `pair` and `other` have nothing to do with each other. */
const kernel = await madeUpKernels([{ release, suffix: ".zst", modules: ["second"] }]);
const sources: readonly MadeUpModule[] = [
  { name: "pair", version: "1", objects: ["first", "second"] },
  { name: "pair", version: "2", objects: ["first", "third"] },
  { name: "other", version: "1" },
];
const fills = new Map<string, Awaited<ReturnType<typeof madeUpModules>>>();
for (const module of sources) fills.set(`${module.name}-${module.version}`, await madeUpModules([module]));

/** The module whose work a path is part of; undefined for what all share. */
export function moduleOf(path: string): "pair" | "other" | undefined {
  if (/\/(?:pair[-/]|(?:first|second|third)\.ko)/.test(path)) return "pair";
  return /\/other(?:[-/]|\.ko)/.test(path) ? "other" : undefined;
}

function hook(program: "dkms-install" | "dkms-remove" | "dkms-guard", ...targets: readonly string[]): Run {
  return { argv: ["/usr/lib/dkms-alpm/run-hook", program], targets };
}

const conf = (module: string): string => `usr/src/${module}/dkms.conf`;
const kernelTargets = [`usr/lib/modules/${release}/modules.order`, `usr/lib/modules/${release}/build/include/`];
const comes = hook("dkms-install", ...kernelTargets, conf("pair-1"), conf("other-1"));

async function bring(machine: FaultMachine, ...modules: readonly string[]): Promise<void> {
  await machine.bring(modules.flatMap((module) => fills.get(module) ?? []));
}

/** A program that the preparation needs, and that must do its work. */
async function complete(machine: FaultMachine, run: Run): Promise<void> {
  const { status, output } = await machine.play(run);
  if (status !== 0) throw new Error(`${run.argv.join(" ")} left with ${status}: ${output}`);
}

async function sourcesThere(machine: FaultMachine): Promise<void> {
  await machine.bring([kernel]);
  await bring(machine, "pair-1", "other-1");
}

async function installed(machine: FaultMachine): Promise<void> {
  await sourcesThere(machine);
  await complete(machine, comes);
}

async function upgraded(machine: FaultMachine): Promise<void> {
  await installed(machine);
  machine.remove("/usr/src/pair-1");
  await bring(machine, "pair-2");
}

/** pacman leaves what it does not own: our objects, and what depmod has written. */
function removeKernelPackage(machine: FaultMachine): void {
  for (const name of ["build", "kernel", "pkgbase", "modules.order", "modules.builtin"])
    rmSync(machine.path(`/usr/lib/modules/${release}/${name}`), { recursive: true, force: true });
}

/** The headers of a new kernel, as a download of pacman. */
const nextRelease = "6.1.20-arch1-1";
const nextKernel = await madeUpKernels([{ release: nextRelease }]);
const nextHeaders = await makePackage({
  name: "linux-headers",
  version: "6.1.20-1",
  fill: {
    key: nextKernel.from,
    into: async (root) => {
      const directory = join(root, "usr/lib/modules", nextRelease);
      await need(["mkdir", "-p", directory]);
      await need(["cp", "-a", join(nextKernel.from, nextRelease, "build"), directory]);
    },
  },
});

const archive = "/srv/pair.tar.gz";
const hookgen = (...words: readonly string[]): Run => ({
  argv: ["dkms-hookgen", "--generator", "dracut", "--hookdir", "/etc/pacman.d/hooks", ...words],
});

const image = `/boot/initramfs-${pkgbase}.img`;
const listModules = `find /usr/lib/modules/${release} -name '*.ko*' | LC_ALL=C sort`;
const script = (text: string): string => `#!/bin/sh\n${text}\n`;

/** Generators whose images are lists of the modules that there are; what is there lacks those that have just been installed. */
async function withImage(machine: FaultMachine): Promise<void> {
  await installed(machine);
  machine.write("/usr/local/bin/mkinitcpio", script(`${listModules} >${image}`), 0o755);
  machine.write("/usr/local/bin/lsinitcpio", script('exec cat "$1"'), 0o755);
  machine.write(`/etc/mkinitcpio.d/${pkgbase}.preset`, `PRESETS=(default)\ndefault_image="${image}"\n`);
  machine.write("/usr/local/bin/dracut", script(`for image; do :; done\n${listModules} >"$image"`), 0o755);
  machine.write("/usr/local/bin/lsinitrd", script('exec cat "$1"'), 0o755);
  machine.write(image, `usr/lib/modules/${release}/kernel/in-tree.ko\n`);
}

const initramfs = (generator: "mkinitcpio" | "dracut"): Run => ({
  argv: ["/usr/lib/dkms-alpm/run-hook", "dkms-initramfs", generator, pkgbase],
  targets: [conf("pair-1")],
});

async function modulesGone(machine: FaultMachine): Promise<void> {
  await installed(machine);
  for (const name of ["pair-1", "other-1"]) machine.remove(`/usr/src/${name}`);
}

/** Programs that people or other hooks start: each of them has its place in every short run. */
export const otherPrograms: readonly [Operation, ...Operation[]] = [
  {
    name: "dkms install, by hand",
    prepare: sourcesThere,
    run: { argv: ["dkms", "install", "pair/1", "-k", release] },
  },
  {
    name: "dkms prune",
    prepare: async (machine) => {
      await installed(machine);
      machine.remove("/usr/src/pair-1");
      // An object of a module that nobody knows any more, one that no kernel loads, and what killed runs have left.
      const modules = `/usr/lib/modules/${release}`;
      await machine.need(["cp", `${modules}/updates/dkms/other.ko.zst`, `${modules}/updates/dkms/former.ko.zst`]);
      machine.write(`${modules}/updates/dkms/junk.ko`, "no module");
      await machine.need(["depmod", release]);
      machine.write("/var/lib/dkms-alpm/build/gone.x/file", "");
      machine.write(`/var/lib/dkms-alpm/stamps/former/1/${release}/x86_64`, "{}");
    },
    run: { argv: ["dkms", "prune"] },
  },
  {
    name: "dkms mkpkg",
    prepare: installed,
    run: { argv: ["dkms", "mkpkg", "pair/1", "-k", release, "--output", "/usr/src/made"] },
  },
  {
    name: "dkms-initramfs: an image is written",
    prepare: withImage,
    run: initramfs("mkinitcpio"),
  },
  { name: "install hook: the shell that starts it", prepare: sourcesThere, run: comes, victim: "dash" },
  { name: "install hook: mkdir, which that shell starts", prepare: sourcesThere, run: comes, victim: "mkdir" },
];

const modulesGo = hook("dkms-remove", conf("pair-1"), conf("other-1"));

/** pacman's part of a removal: each hook gets its own targets, and both belong to one transaction. */
const leave: Run = {
  argv: [
    "sh",
    "-c",
    `run=/usr/lib/dkms-alpm/run-hook
    $run --of $$ dkms-guard --removal; first=$?
    printf 'dkms-alpm\\n' | $run --of $$ dkms-remove --leaving; second=$?
    [ $first -eq 0 ] || exit $first
    exit $second`,
  ],
  targets: [conf("pair-1"), conf("other-1")],
};

/** What hook programs are started by and start themselves, and other ways of the same programs. */
const furtherParts: readonly Operation[] = [
  { name: "remove hook: the shell that starts it", prepare: modulesGone, run: modulesGo, victim: "dash" },
  {
    name: "hooks of a removal that takes dkms-alpm along: the shell",
    prepare: installed,
    run: leave,
    victim: "dash",
    words: /could not be written/,
  },
  { name: "dkms-initramfs: an image is written aside", prepare: withImage, run: initramfs("dracut") },
  {
    name: "dkms-initramfs: the generator, which overwrites the image",
    prepare: withImage,
    run: initramfs("mkinitcpio"),
    victim: "dash",
  },
  {
    name: "dkms mkpkg: into a repository",
    prepare: installed,
    run: { argv: ["dkms", "mkpkg", "pair/1", "-k", release, "--repo", "/usr/src/made"] },
  },
];

const hooksAndArchives: readonly Operation[] = [
  { name: "install hook: modules are built and installed", prepare: sourcesThere, run: comes },
  {
    name: "install hook: modules are installed from kept results",
    prepare: async (machine) => {
      await installed(machine);
      await machine.need(["mv", "/var/cache/dkms-alpm", "/srv/kept"]);
      await machine.restore("nothing");
      await sourcesThere(machine);
      await machine.need(["mv", "/srv/kept", "/var/cache/dkms-alpm"]);
    },
    run: comes,
  },
  {
    name: "install hook: a module is upgraded",
    prepare: upgraded,
    run: hook("dkms-install", conf("pair-2")),
  },
  {
    name: "remove hook: a module was upgraded",
    prepare: async (machine) => {
      await upgraded(machine);
      await complete(machine, hook("dkms-install", conf("pair-2")));
    },
    run: hook("dkms-remove", conf("pair-1")),
  },
  {
    name: "remove hook: modules go",
    prepare: modulesGone,
    run: modulesGo,
  },
  {
    name: "remove hook: the kernel goes",
    prepare: async (machine) => {
      await installed(machine);
      removeKernelPackage(machine);
    },
    run: hook("dkms-remove", ...kernelTargets),
  },
  {
    name: "guard: modules are tested against a new kernel",
    prepare: async (machine) => {
      await installed(machine);
      await machine.need(["mkdir", "-p", "/var/cache/pacman/pkg"]);
      await need(["cp", nextHeaders, machine.path("/var/cache/pacman/pkg")]);
    },
    run: {
      argv: ["/usr/lib/dkms-alpm/bin/dkms-guard"],
      targets: ["modules.order", "vmlinuz", "build/include/"].map((path) => `usr/lib/modules/${nextRelease}/${path}`),
    },
  },
  {
    name: "dkms uninstall",
    prepare: installed,
    run: { argv: ["dkms", "uninstall", "pair/1", "-k", release] },
  },
  {
    name: "dkms mktarball",
    prepare: installed,
    run: { argv: ["dkms", "mktarball", "pair/1", "-k", release] },
  },
  {
    name: "dkms ldtarball",
    prepare: async (machine) => {
      await installed(machine);
      await complete(machine, { argv: ["dkms", "mktarball", "pair/1", "-k", release, "--archive", archive] });
      await machine.restore("nothing");
      await machine.bring([kernel]);
    },
    run: { argv: ["dkms", "ldtarball", archive] },
  },
  {
    name: "dkms-hookgen: hooks are written",
    prepare: (machine) => machine.bring([kernel]),
    run: hookgen("pair-dkms,other-dkms", "linux", "linux-lts"),
  },
  {
    name: "dkms-hookgen: a hook is changed, another one removed",
    prepare: async (machine) => {
      await machine.bring([kernel]);
      await complete(machine, hookgen("pair-dkms,other-dkms", "linux"));
      await complete(machine, hookgen("pair-dkms", "linux-lts"));
    },
    run: hookgen("--remove", "pair-dkms"),
  },
];

export const operations: readonly [Operation, ...Operation[]] = [
  ...otherPrograms,
  ...hooksAndArchives,
  ...furtherParts,
];
