/** A story in a disposable machine: kernels and a module are installed, upgraded and removed, all by pacman. Run by scripts/demo. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cacheDirectory } from "../test/e2e/cache.ts";
import { kernelPackages, releases } from "../test/e2e/kernel-packages.ts";
import type { Machine } from "../test/e2e/machine.ts";
import { modulePackage } from "../test/e2e/module-packages.ts";
import { projectMachine } from "../test/e2e/project-package.ts";
import { repository } from "../test/e2e/repository.ts";

/** One check: what should be true, and whether it is. */
type Check = readonly [claim: string, holds: boolean];

interface Verdict {
  readonly title: string;
  readonly failed: readonly string[];
}

const moduleName = "v4l2loopback";
const moduleDeb = "v4l2loopback-dkms";
const verdicts: Verdict[] = [];

console.log("Fetching kernels and a module from Debian's archive, and building the package of this project...");
const hostBefore = hostState();
const releasesNow = await releases("amd64");
const [older = "", newer = ""] = releasesNow.slice(-2);
const [second = ""] = (await releases("rt-amd64")).slice(-1);
if (older === "" || second === "") throw new Error(`Debian's archive offers too few kernels: ${releasesNow.join(" ")}`);
const linux = await kernelPackages({ pkgbase: "linux", release: older });
const linuxNext = await kernelPackages({ pkgbase: "linux", release: newer });
const linuxRt = await kernelPackages({ pkgbase: "linux-rt", release: second });
const module = await modulePackage({ deb: moduleDeb });
const current = /-dkms-([\d.]+)/.exec(module)?.[1] ?? "";
const next = `${current}.1`;
const moduleNext = await modulePackage({
  deb: moduleDeb,
  version: `${next}-1`,
  folder: `${moduleName}-${next}`,
  packageVersion: next,
  edits: { "v4l2loopback.c": [['MODULE_DESCRIPTION("', 'MODULE_DESCRIPTION("The next version of ']] },
});

const machine = await projectMachine({ osRelease: "arch" });
const core = await repository(machine, "core", [...linux.both, module]);

await step("A kernel, its headers and a module package are installed", async () => {
  await pacman("-Sy", "linux", "linux-headers", moduleDeb);
  return installed(machine, current, [older]);
});

await step("The kernel is upgraded", async () => {
  await core.add(...linuxNext.both);
  await pacman("-Syu");
  return [
    ...(await installed(machine, current, [newer])),
    [`${older} is removed completely`, !machine.exists(`/usr/lib/modules/${older}`)],
  ];
});

await step("A second kernel is installed beside it", async () => {
  await core.add(...linuxRt.both);
  await pacman("-Sy", "linux-rt", "linux-rt-headers");
  return installed(machine, current, [newer, second]);
});

await step("The module is upgraded", async () => {
  await core.add(moduleNext);
  await pacman("-Syu");
  return [
    ...(await installed(machine, next, [newer, second])),
    [`${moduleName}/${current} is removed completely`, !machine.exists(`/var/lib/dkms/${moduleName}/${current}`)],
  ];
});

await step("The module is removed", async () => {
  await pacman("-R", moduleDeb);
  const status = await machine.run(["dkms", "status"]);
  return [
    ["dkms status is empty", status.status === 0 && status.stdout === ""],
    [
      "no object is left below /usr/lib/modules",
      objects(machine, newer).length + objects(machine, second).length === 0,
    ],
    ["the dkms tree no longer has the module", !machine.exists(`/var/lib/dkms/${moduleName}`)],
    ["no source is left", machine.list("/usr/src").length === 0],
  ];
});

await step("The machine is deleted", async () => {
  await machine.dispose();
  return [["this host is as it was", hostState() === hostBefore]];
});

console.log("\nSummary:");
for (const { title, failed } of verdicts) console.log(failed.length === 0 ? `  ok    ${title}` : `  WRONG ${title}`);
const wrong = verdicts.filter(({ failed }) => failed.length > 0).length;
console.log(wrong === 0 ? "All steps went well." : `${wrong} of ${verdicts.length} steps went wrong.`);
console.log(`Downloads are kept in ${cacheDirectory}; it can be deleted at any time.`);
process.exitCode = wrong === 0 ? 0 : 1;

/** Plays one step of the story and prints its checks; a step that throws is wrong, and the story goes on. */
async function step(title: string, play: () => Promise<readonly Check[]>): Promise<void> {
  console.log(`\n== ${title}`);
  const failed: string[] = [];
  try {
    for (const [claim, holds] of await play()) {
      console.log(`   ${holds ? "ok   " : "WRONG"} ${claim}`);
      if (!holds) failed.push(claim);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`   WRONG ${message}`);
    failed.push(message);
  }
  verdicts.push({ title, failed });
}

/** Runs pacman in the machine and prints the command with its output. */
async function pacman(...args: readonly string[]): Promise<void> {
  console.log(`   # pacman ${args.join(" ")}`);
  const { status, output } = await machine.pacman(...args);
  for (const line of output.trimEnd().split("\n")) console.log(`   | ${line}`);
  if (status !== 0) throw new Error(`pacman exited with status ${status}`);
}

/** The checks that a module's version is installed for these kernels, and for no others. */
async function installed(on: Machine, version: string, kernels: readonly string[]): Promise<Check[]> {
  const { stdout } = await on.run(["dkms", "status"]);
  const lines = stdout.split("\n").filter((line) => line !== "");
  const checks: Check[] = [["dkms status names no other pair", lines.length === kernels.length]];
  for (const release of kernels) {
    const line = `${moduleName}/${version}, ${release}, x86_64: installed`;
    checks.push([`dkms status prints "${line}"`, lines.includes(line)]);
    const [object = "none"] = objects(on, release);
    const facts = await on.run(["modinfo", `/usr/lib/modules/${release}/${object}`]);
    const fits = new RegExp(`^vermagic: +${release} `, "m").test(facts.stdout);
    checks.push([`${object} is a module for ${release}`, fits]);
    const dependencies = on.exists(`/usr/lib/modules/${release}/modules.dep`)
      ? on.read(`/usr/lib/modules/${release}/modules.dep`)
      : "";
    checks.push([`modprobe would find it in ${release}`, dependencies.includes(`${object}:`)]);
  }
  return checks;
}

function entries(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== "ALPM_DB_VERSION")
    .toSorted();
}

/** The module's objects in a kernel's folder, relative to it. */
function objects(on: Machine, release: string): string[] {
  return on
    .tree(`/usr/lib/modules/${release}`)
    .filter((path) => new RegExp(`/${moduleName}\\.ko(\\.(zst|xz|gz))?$`).test(path));
}

/**
 * What the story could have changed on this host, as text to compare. makepkg makes an empty database where pacman was never used:
 * a folder with the file of its version, which is no change. Of mounts only the machine's count: others come and go.
 */
function hostState(): string {
  const folders = ["/usr/lib/modules", "/usr/src", "/var/lib/dkms", "/var/lib/pacman/local", "/var/lib/dkms-alpm"];
  const names = folders.map((folder) => [folder, existsSync(folder) ? entries(folder) : []]);
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return JSON.stringify([names, mounts.filter((line) => line.startsWith("machine ") || line.includes(cacheDirectory))]);
}
