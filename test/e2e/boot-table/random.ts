/** Random transactions on one machine; after each of them, a boot that is tried with other programs must come to what the doctor says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as fc from "fast-check";
import { seed } from "../../form.ts";
import type { Machine } from "../machine.ts";
import { projectMachine } from "../project-package.ts";
import { madeGenerator, madeKernel, madeModule } from "./packages.ts";

const releases = ["6.6.1-arch1-1", "6.6.2-arch1-1"] as const;

interface Step {
  /** What the transaction is. */
  readonly transaction:
    | "kernel 1"
    | "kernel 2"
    | "headers missing"
    | "zfs 1.0"
    | "zfs 1.1"
    | "zfs broken"
    | "wl"
    | "no wl"
    | "kernel removed";
  /** What the generator does in it. */
  readonly generator: "works" | "fails" | "forgets";
  /** What somebody does afterwards. */
  readonly mishap: "none" | "object" | "image" | "kernel" | "index" | "vermagic";
}

const step: fc.Arbitrary<Step> = fc.record({
  transaction: fc.constantFrom(
    "kernel 1",
    "kernel 2",
    "kernel 1",
    "kernel 2",
    "headers missing",
    "zfs 1.0",
    "zfs 1.1",
    "zfs broken",
    "wl",
    "no wl",
    "kernel removed",
  ),
  generator: fc.constantFrom("works", "works", "works", "fails", "forgets"),
  mishap: fc.constantFrom("none", "none", "none", "object", "image", "kernel", "index", "vermagic"),
});

/** Plays so many transactions as a test. */
export function randomTransactions(count: number): void {
  let machine: Machine;
  test.before(async () => {
    machine = await projectMachine({ osRelease: "arch" });
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = zfs\n");
    machine.write("/etc/fstab", "");
  });
  test.after(() => machine.dispose());
  test(`${count} random transactions`, async () => {
    const [first, second, generator, ...modules] = await Promise.all([
      madeKernel("linux", releases[0], "6.6.1-1"),
      madeKernel("linux", releases[1], "6.6.2-1"),
      madeGenerator(),
      madeModule("zfs", "1.0"),
      madeModule("zfs", "1.1"),
      madeModule("zfs", "1.2", { broken: "*" }),
      madeModule("wl", "1.0"),
    ]);
    const archives = {
      "kernel 1": first,
      "kernel 2": second,
      "headers missing": [second[0]],
      "zfs 1.0": [modules[0]],
      "zfs 1.1": [modules[1]],
      "zfs broken": [modules[2]],
      wl: [modules[3]],
    };
    const verdicts = { ready: 0, "not-ready": 0 };
    const install = async (...words: readonly (string | undefined)[]): Promise<string> => {
      const argv = ["pacman", "--noconfirm", ...words.filter((word) => word !== undefined)];
      return (await machine.run(argv, { env: { DKMS_GUARD: "off" }, timeout: 300 })).output;
    };
    await install("-U", generator, ...first, modules[0]);
    const history: string[] = [];
    for (const { transaction, generator: behaviour, mishap } of fc.sample(step, { numRuns: count, seed })) {
      for (const word of ["fails", "forgets"]) machine.remove(`/etc/generator-${word}`);
      if (behaviour !== "works") machine.write(`/etc/generator-${behaviour}`, "");
      const words =
        transaction === "no wl"
          ? ["-R", "wl-dkms"]
          : transaction === "kernel removed"
            ? ["-R", "linux", "linux-headers"]
            : ["-U", ...archives[transaction]];
      history.push(`${transaction}, the generator ${behaviour}, ${mishap}`);
      const output = await install(...words);
      await happen(machine, mishap);
      const { stdout } = await machine.run(["dkms", "doctor", "--json"]);
      const { boot } = JSON.parse(stdout) as {
        boot: { kernels: { kernel: string; verdict: "ready" | "not-ready"; problems: unknown }[] };
      };
      const expected = await boots(machine);
      const found = Object.fromEntries(boot.kernels.map(({ kernel, verdict }) => [kernel, verdict]));
      assert.equal(found, expected, `${history.join("\n")}\n${output}\n${JSON.stringify(boot, undefined, 1)}`);
      for (const verdict of Object.values(expected)) verdicts[verdict] += 1;
    }
    // What a few transactions come to is known for the seed of the short form alone.
    if (count < 100 && seed !== 1) return;
    assert.ok(verdicts.ready > count / 20 && verdicts["not-ready"] > count / 20, JSON.stringify(verdicts));
  });
}

const mishaps: Readonly<Record<Step["mishap"], string>> = {
  none: "true",
  object: "rm -f /usr/lib/modules/*/updates/dkms/zfs.ko",
  image: "for f in /boot/initramfs-*.img; do [ ! -e $f ] || truncate -s -30 $f; done",
  kernel: "for f in /boot/vmlinuz-*; do [ ! -e $f ] || truncate -s 4000 $f; done",
  index: "rm -f /usr/lib/modules/*/modules.dep.bin",
  vermagic:
    "for f in /usr/lib/modules/*/updates/dkms/zfs.ko; do [ ! -e $f ] || sed -i s/vermagic=6.6/vermagic=6.5/ $f; done",
};

async function happen(machine: Machine, mishap: Step["mishap"]): Promise<void> {
  await machine.need(["sh", "-c", mishaps[mishap]]);
}

/** A boot without a computer: file tells the kernel, bsdtar unpacks the image, modinfo and cmp look at the modules. */
const tryBoot = `
kernel=$1 work=$(mktemp -d)
file -b /boot/vmlinuz-linux | grep -q "version $kernel " || exit 1
[ "$(stat -c %s /boot/vmlinuz-linux)" -ge 5632 ] || exit 1
bsdtar -xf /boot/initramfs-linux.img -C "$work" || exit 1
inside=$(find "$work/usr/lib/modules/$kernel" -name zfs.ko) && [ -n "$inside" ] || exit 1
found=$(modinfo -k "$kernel" -F filename zfs) || exit 1
case $(modinfo -F vermagic "$found") in "$kernel "*) ;; *) exit 1 ;; esac
cmp -s "$inside" "$found" || exit 1
for conf in /usr/src/*/dkms.conf; do
  [ -e "$conf" ] || continue
  name=$(sed -n s/^PACKAGE_NAME=//p "$conf")
  modinfo -k "$kernel" -F filename "$name" >/dev/null || exit 1
done
rm -r "$work"
`;

async function boots(machine: Machine): Promise<Record<string, "ready" | "not-ready">> {
  const found: Record<string, "ready" | "not-ready"> = {};
  for (const release of machine.list("/usr/lib/modules")) {
    if (!machine.exists(`/usr/lib/modules/${release}/pkgbase`)) continue;
    const { status } = await machine.run(["sh", "-c", tryBoot, "sh", release]);
    found[release] = status === 0 ? "ready" : "not-ready";
  }
  return found;
}
