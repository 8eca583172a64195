/**
 * Real modules of the newest suite: installed by a transaction with the guard in one machine, and by that suite's own dkms in another. The verdicts are the
 * same, and so are the objects. Each package is built for the newest kernel, and for the older one where the reference cannot build it for the newest.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compatibilityRow, type ModuleVerdict } from "../../compatibility-row.ts";
import type { Machine } from "../machine.ts";
import type { Scene } from "../scenario.ts";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { kernelPackages, releases } = await import("../kernel-packages.ts");
const { modulePackage } = await import("../module-packages.ts");
const { debNames, unpackedDeb } = await import("../debs.ts");
const { createMachine } = await import("../machine.ts");
const { need } = await import("../command.ts");
const { createScene } = await import("../scenario.ts");
const { addLibrary } = await import("./library.ts");

/** `DKMS_ALPM_PACKAGES="zfs evdi"` looks at these and no others; all that the suite has otherwise. */
const names = process.env["DKMS_ALPM_PACKAGES"]?.split(" ") ?? (await allNames());

async function allNames(): Promise<readonly string[]> {
  // A tool for packagers, not a module.
  const found = (await debNames(/-dkms$/)).filter((name) => name !== "dh-dkms");
  return found.map((name) => name.slice(0, -"-dkms".length)).toSorted();
}

const [older = "", newer = ""] = (await releases("amd64")).slice(-2);
const kernels = new Map([
  [newer, (await kernelPackages({ pkgbase: "linux", release: newer, headers: "whole" })).both],
  [older, (await kernelPackages({ pkgbase: "linux-lts", release: older, headers: "whole" })).both],
]);

const debian = await unpackedDeb("dkms");

/** What a program came to: its verdict, a line for every object, and what it printed. */
interface Found {
  readonly verdict: ModuleVerdict;
  readonly objects: readonly string[];
  readonly output: string;
}

/** What modinfo says of every object that is installed. */
async function objects(machine: Machine): Promise<readonly string[]> {
  const script =
    'find /usr/lib/modules -path "*/updates/*" -name "*.ko*" -type f | sort | while read -r path; do echo "$path" ' +
    '$(for field in vermagic depends srcversion version alias; do modinfo -F $field "$path" | sort | sha256sum | cut -c-12; done); done';
  return (await machine.need(["bash", "-c", script])).split("\n").filter((line) => line !== "");
}

/** Two machines with one kernel: this project's, and the reference's. They serve one package after the other. */
interface Pair {
  readonly ours: Scene;
  readonly reference: Machine;
}

const pairs = new Map<string, Promise<Pair>>();

function machinesFor(release: string): Promise<Pair> {
  const made = pairs.get(release) ?? makePair(kernels.get(release) ?? []);
  pairs.set(release, made);
  return made;
}

async function makePair(packages: readonly string[]): Promise<Pair> {
  const [own, other] = await Promise.all([createScene([], packages), createMachine({ packages })]);
  own.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = warn\nTimeLimit = 0\n");
  for (const folder of ["etc/dkms", "usr/lib/dkms", "usr/sbin"]) {
    await need(["cp", "-aT", join(debian.folder, folder), other.path(folder)]);
  }
  // As Arch packages it: paths below there get into what configure scripts write, and so into srcversion.
  other.write("/etc/dkms/framework.conf", 'install_tree="/usr/lib/modules"\n');
  return { ours: own, reference: other };
}

async function dispose(machines: Pair): Promise<void> {
  await Promise.all([machines.ours.dispose(), machines.reference.dispose()]);
}

/** A package is installed by a transaction; what came of it for the only kernel there. It is removed again, with all that belongs to it. */
async function ours(machine: Scene, name: string, release: string): Promise<Found> {
  await addLibrary(machine, name);
  const archive = await modulePackage({ deb: `${name}-dkms` });
  const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", archive], { timeout: 7200 });
  assert.is(status, 0, output);
  const lines = await machine.status();
  const verdict = lines.some((line) => line.endsWith(": installed")) ? "installed" : await refusal(machine, release);
  const found = { verdict, objects: await objects(machine), output };
  await machine.commit("-R", `${name}-dkms`);
  assert.equal(await objects(machine), [], "its objects stay when it is removed");
  return found;
}

/** The same by the reference, without a transaction. */
async function reference(machine: Machine, name: string, release: string): Promise<Found> {
  await addLibrary(machine, name);
  const { folder } = await unpackedDeb(`${name}-dkms`);
  const source = readdirSync(join(folder, "usr/src")).find((entry) =>
    existsSync(join(folder, "usr/src", entry, "dkms.conf")),
  );
  assert.type(source, "string", `${name}-dkms has no source`);
  await need(["cp", "-a", `${join(folder, "usr/src")}/.`, machine.path("/usr/src")]);
  const words = ["dkms", "install", `/usr/src/${source}`, "-k", release];
  const { status, output } = await machine.run(words, { timeout: 7200, env: { LC_ALL: "C" } });
  const verdict = status === 0 ? "installed" : verdictOf(status);
  const found: Found = { verdict, objects: await objects(machine), output };
  await machine.need(["sh", "-c", `rm -rf /var/lib/dkms/* /usr/src/* /usr/lib/modules/${release}/updates`]);
  await machine.need(["depmod", release]);
  return found;
}

/** Why a module was not installed, by the exit status of `dkms install`. */
async function refusal(machine: Scene, release: string): Promise<ModuleVerdict> {
  const source = machine.list("/usr/src").find((entry) => machine.exists(`/usr/src/${entry}/dkms.conf`));
  const { status } = await machine.run(["dkms", "install", `/usr/src/${source}`, "-k", release], { timeout: 7200 });
  return verdictOf(status);
}

function verdictOf(status: number | null): ModuleVerdict {
  return status === 77 ? "excluded" : "not built";
}

/** `DKMS_ALPM_KERNELS="6.12.117+deb13-amd64"` builds for those alone. NVIDIA's drivers of the suite are older than its newest kernel. */
function kernelsFor(name: string): readonly string[] {
  const wanted = process.env["DKMS_ALPM_KERNELS"]?.split(" ");
  const fitting = name.startsWith("nvidia") ? [older] : [newer, older];
  return fitting.filter((release) => wanted?.includes(release) ?? true);
}

for (const name of names) {
  test(`${name}-dkms is built where the reference builds it, into the same objects`, async () => {
    for (const release of kernelsFor(name)) {
      const started = performance.now();
      const machines = await machinesFor(release);
      const [here, there] = await Promise.all([
        ours(machines.ours, name, release),
        reference(machines.reference, name, release),
      ]).catch(async (error: unknown) => {
        // What is left there is no beginning for the next package.
        pairs.delete(release);
        await dispose(machines);
        throw error;
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${name}-dkms for ${release}: ${here.verdict}, reference ${there.verdict} (${seconds} s)`);
      const same = here.objects.join("\n") === there.objects.join("\n");
      if (!same || here.verdict !== there.verdict) {
        console.log(`--- ours:\n${here.output}\n--- reference:\n${there.output}\n---`);
      }
      compatibilityRow({
        package: `${name}-dkms`,
        version: (await unpackedDeb(`${name}-dkms`)).version,
        kernel: release,
        ours: here.verdict,
        reference: there.verdict,
        objects: { ours: here.objects.length, reference: there.objects.length, same },
        dkms: debian.version,
        date: new Date().toISOString().slice(0, 10),
      });
      assert.is(here.verdict, there.verdict);
      assert.equal(here.objects, there.objects);
      if (there.verdict === "installed") return;
    }
  });
}

test.after(async () => {
  for (const made of pairs.values()) await dispose(await made);
});

test.run();
