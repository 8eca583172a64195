/** Transactions whose module builds take minutes, and what they leave behind: objects, images, and what is found of the next boot. */
import { copyFileSync } from "node:fs";
import * as assert from "uvu/assert";
import type { ReportedBoot } from "../../../src/model/boot/reported.ts";
import { image } from "../initramfs/dracut-machine.ts";
import { boot } from "../initramfs/emulator.ts";
import type { Scene } from "../scenario.ts";

/** What a transaction builds. */
export interface Built {
  readonly module: string;
  readonly release: string;
  /** One of its C files. */
  readonly source: string;
  /** The names of all its objects, sorted. */
  readonly objects: readonly string[];
}

/**
 * A transaction that must succeed with all its hooks: the guard compiles the module for this kernel, the install hook takes that, and no other objects are left
 * anywhere. What pacman has printed, and how long that took, is printed.
 */
export async function compiledOnce(machine: Scene, built: Built, ...words: readonly string[]): Promise<void> {
  const { module, release, source, objects } = built;
  const { output, before, after } = await play(machine, words);
  assert.match(output, new RegExp(`==> \\[1/1\\] ${module}/[0-9.]+ for linux ${literal(release)} builds `));
  assert.match(output, `==> [1/1] Installed from the test build: ${module}/`);
  assert.equal(after, [], "a compiler ran after the commit");
  assert.equal(
    before.filter((line) => line.startsWith(`${source} `)),
    [`${source} for ${release}`],
  );
  assert.equal(
    await installedObjects(machine),
    objects.map((name) => `${name} ${release}`),
  );
}

/** A text inside a regular expression. */
export function literal(text: string): string {
  return text.replaceAll(/[.+]/g, "\\$&");
}

/** What was compiled, as the scene counts it: up to the install hook, and from there on. */
interface Played {
  readonly output: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function play(machine: Scene, words: readonly string[]): Promise<Played> {
  const before: string[] = [];
  const after: string[] = [];
  let taken = before;
  const take = (): void => void taken.push(...machine.compiled());
  // A full pipe would stop the compiler.
  const timer = setInterval(take, 500);
  try {
    const started = performance.now();
    const pacman = machine.start(["pacman", "--noconfirm", ...words], { timeout: 7200 });
    await pacman.waitFor(/Building and installing DKMS modules/);
    take();
    taken = after;
    const { status, output } = await pacman.result;
    take();
    console.log(`${((performance.now() - started) / 1000).toFixed(0)} s\n${output}`);
    assert.is(status, 0, output);
    assert.not.match(output, /command failed to execute correctly/);
    return { output, before, after };
  } finally {
    clearInterval(timer);
  }
}

/** A line for every object of a DKMS module, whatever the kernel: its name, and the release that it was built for. */
async function installedObjects(machine: Scene): Promise<readonly string[]> {
  const script =
    'find /usr/lib/modules -path "*/updates/*" -name "*.ko*" -type f | while read -r path; do ' +
    'name=${path##*/}; vermagic=$(modinfo -F vermagic "$path"); echo "${name%.ko*} ${vermagic%% *}"; done';
  const lines = (await machine.need(["bash", "-c", script])).split("\n");
  return lines.filter((line) => line !== "").toSorted();
}

const copyHook = `[Trigger]
Operation = Install
Operation = Upgrade
Type = Path
Target = usr/lib/modules/*/vmlinuz

[Action]
When = PostTransaction
Exec = /bin/sh -c 'while read -r file; do cp "/$file" /boot/vmlinuz-linux; done'
NeedsTargets
`;

/** Kernels get to where a boot loader starts them, as dracut's package does it on Arch. */
export function copyKernels(machine: Scene): void {
  machine.write("/etc/pacman.d/hooks/60-copy-kernel.hook", copyHook);
  const [release = ""] = machine.list("/usr/lib/modules");
  copyFileSync(machine.path(`/usr/lib/modules/${release}/vmlinuz`), machine.path("/boot/vmlinuz-linux"));
}

/** What dkms doctor and dkms check find: this kernel, the only one, has the module on disk and in its image. */
export async function assertReady(machine: Scene, release: string, module: string): Promise<void> {
  const { stdout } = await machine.run(["dkms", "doctor", "--json"], { timeout: 300 });
  const judged = JSON.parse(stdout) as { readonly boot: ReportedBoot };
  const found = judged.boot.kernels.map(({ kernel, verdict, modules, images }) => ({
    kernel,
    verdict,
    modules,
    images,
  }));
  const images = [{ path: image("linux"), contains: [module.split(" ")[0]] }];
  assert.equal(found, [{ kernel: release, verdict: "ready", modules: [module], images }], JSON.stringify(judged.boot));
  const checked = await machine.run(["dkms", "check", "--installed"], { timeout: 300 });
  assert.is(checked.status, 0, checked.output);
}

/** The objects in the image are those that are installed, byte by byte. */
export async function assertInImage(machine: Scene, release: string, objects: readonly string[]): Promise<void> {
  const folder = `usr/lib/modules/${release}/updates/dkms`;
  const unpacked = await machine.need([
    "sh",
    "-ec",
    `cd "$(mktemp -d)"; cpio --quiet -id '*/updates/dkms/*' <${image("linux")}; find . -name '*.ko*' -type f -printf '%P\\n' | sort; ` +
      objects.map((name) => `cmp ${folder}/${name} /${folder}/${name}`).join("; "),
  ]);
  assert.equal(
    unpacked.trim().split("\n"),
    objects.toSorted().map((name) => `${folder}/${name}`),
  );
}

/** Nothing of a kernel is left that another one has replaced, nor of the tests before its transaction. */
export async function assertReplaced(machine: Scene, older: string, newer: string): Promise<void> {
  assert.equal(await machine.traces(older), []);
  assert.equal(machine.list("/usr/lib/modules"), [newer]);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
}

/** Boots the kernel with its image, and gives what it has said; lines that match are printed. */
export function bootKernel(machine: Scene, printed: RegExp): string {
  const said = boot({
    kernel: machine.path("/boot/vmlinuz-linux"),
    image: machine.path(image("linux")),
    init: "/probe",
  });
  const lines = said.split("\n").filter((text) => text.includes("probe:") || printed.test(text));
  console.log(lines.join("\n"));
  return said;
}
