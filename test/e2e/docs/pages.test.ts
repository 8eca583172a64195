/** The pages of docs/, typed by a stranger: every command that a page tells works as it stands, on a machine as the page takes it to be. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { mkinitcpioPackage } from "../initramfs/stand-ins.ts";
import { createMachine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { projectPackage } from "../project-package.ts";
import { referencePackage } from "../reference-package.ts";
import { repository } from "../repository.ts";
import { linux, linuxLts, linuxNext, newer, older } from "../scenario.ts";

const folder = resolve(import.meta.dirname, "../../../docs");

/** What a page finds, and what its commands must have brought. */
interface Stage {
  /** Installed before. */
  readonly installed: readonly string[];
  /** In the repository that pacman asks. */
  readonly offered: readonly string[];
  /** Names of the page's example, and what they are called here. */
  readonly names?: readonly (readonly [name: string, here: string])[];
  /** Lines of `dkms status` at the end. */
  readonly status: readonly string[];
  /** What the output must show. */
  readonly shows: readonly RegExp[];
}

const [project, mkinitcpio, reference] = await Promise.all([
  projectPackage(),
  mkinitcpioPackage("41"),
  referencePackage(),
]);
const tiny = (name: string, moduleVersion: string, more: object = {}): Promise<string> =>
  tinyModule({ name, moduleVersion, ...more });
const [zfs, nvidia, fragile, loopback] = await Promise.all([
  tiny("zfs", "2.2.2"),
  tiny("nvidia", "550.1", { package: "nvidia-open-dkms" }),
  tiny("fragile", "1.0", { fails: { release: newer } }),
  tiny("v4l2loopback", "0.12.7"),
]);

const line = (module: string, release: string): string => `${module}, ${release}, x86_64: installed`;
const machinesKernel = [project, mkinitcpio, linux.kernel];

/** By the name of the page; a page without a stage fails the last test here. */
const stages: Readonly<Record<string, Stage>> = {
  "switch-from-dkms.md": {
    installed: [reference, ...linux.both, await tiny("tiny", "1.0")],
    offered: [reference],
    status: [line("tiny/1.0", older)],
    shows: [],
  },
  "zfs-root.md": {
    installed: machinesKernel,
    offered: [linux.headers, zfs],
    status: [line("zfs/2.2.2", older)],
    shows: [/90-mkinitcpio-dkms-linux\.hook/, /Require/],
  },
  "nvidia.md": {
    installed: machinesKernel,
    offered: [linux.headers, nvidia],
    status: [line("nvidia/550.1", older)],
    shows: [],
  },
  "several-kernels.md": {
    installed: [project, mkinitcpio],
    offered: [...linux.both, ...linuxLts.both, loopback],
    status: [line("v4l2loopback/0.12.7", older)],
    shows: [/90-mkinitcpio-dkms-linux-lts\.hook/],
  },
  "secure-boot.md": {
    installed: [project, ...linux.both, loopback],
    offered: [],
    status: [line("v4l2loopback/0.12.7", older)],
    shows: [/DKMS/],
  },
  "status-json.md": {
    installed: [project, ...linux.both, loopback],
    offered: [],
    status: [line("v4l2loopback/0.12.7", older)],
    shows: [],
  },
  "before-you-upgrade.md": {
    installed: [project, ...linux.both, loopback],
    offered: linuxNext.both,
    status: [line("v4l2loopback/0.12.7", older)],
    shows: [/==> The upgrade is fine\./],
  },
  "when-a-build-fails.md": {
    installed: [project, ...linux.both, fragile],
    offered: linuxNext.both,
    names: [["6.6.1.arch1-1-x86_64", basename(linux.kernel).replace(/^linux-|\.pkg.*$/g, "")]],
    status: [line("fragile/1.0", older)],
    shows: [/NOT built or installed/, /#error "fragile does not build/],
  },
};

for (const [page, stage] of share(Object.entries(stages), 2)) {
  test(page, async () => {
    const machine = await createMachine({ osRelease: "arch" });
    try {
      if (stage.installed.length > 0)
        await machine.need(["pacman", "--noconfirm", "-U", ...stage.installed], { timeout: 300 });
      // Debian's, which every machine sees; these have mkinitcpio.
      machine.remove("/usr/bin/dracut");
      await repository(machine, "offered", stage.offered);
      await machine.need(["pacman", "-Sy"]);
      await machine.need(["sh", "-c", `cp ${project} /root; cp ${linux.both.join(" ")} /var/cache/pacman/pkg`]);
      let shown = "";
      for (const block of commandsOf(page, stage.names ?? [])) {
        const { status, output } = await machine.run(["bash", "--norc", "-euo", "pipefail", "-c", block], {
          cwd: "/root",
          input: "y\n".repeat(50),
          timeout: 300,
        });
        assert.is(status, 0, `${block}${output}`);
        assert.not.match(output, /has a bug/);
        shown += output;
      }
      for (const pattern of stage.shows) assert.match(shown, pattern);
      const lines = (await machine.need(["dkms", "status"])).split("\n");
      for (const wanted of stage.status) assert.ok(lines.includes(wanted), `${wanted} is not in ${lines.join("; ")}`);
    } finally {
      await machine.dispose();
    }
  });
}

test("every page with commands is typed by somebody", () => {
  const pages = readdirSync(folder).filter((page) => commandsOf(page, []).length > 0);
  assert.equal(pages.toSorted(), [...Object.keys(stages), "fleets.md"].toSorted());
});

/** The blocks marked `sh` of a page, in their order; what is not marked is no command. */
function commandsOf(page: string, names: NonNullable<Stage["names"]>): readonly string[] {
  const text = readFileSync(join(folder, page), "utf8");
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks.map((block) => names.reduce((words, [name, here]) => words.replaceAll(name, here), block));
}

test.run();
