/** What stands in the way of `dkms check`, and its options: a line that says so, the status that is documented, and nothing left behind. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
import { makePackage } from "../packages.ts";
import { repository } from "../repository.ts";
import { scenario, type Scene } from "../scenario.ts";
import { addAnn, ask, listing } from "./ask.ts";

const [old, next] = ["6.6.1-arch1-1", "6.6.2-arch1-1"] as const;
const [linux, linuxNext, good, broken, pinned, tools, pinnedNext, toolsNext] = await Promise.all([
  madeKernel("linux", old, "6.6.1-1"),
  madeKernel("linux", next, "6.6.2-1"),
  madeModule("good", "1.0"),
  madeModule("broken", "1.0", { broken: "*" }),
  // As those of NVIDIA and ZFS: the module asks for programs of its own version.
  madeModule("pinned", "1.0", { depends: ["pinned-tools=1.0"] }),
  makePackage({ name: "pinned-tools", version: "1.0-1" }),
  madeModule("pinned", "2.0", { broken: "*", depends: ["pinned-tools=2.0"] }),
  makePackage({ name: "pinned-tools", version: "2.0-1" }),
]);

/** Leaves nothing behind: no directory of a check, no mount, no process. */
async function isClean(machine: Scene): Promise<void> {
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
  const left = await machine.run(["sh", "-c", "grep dkms-alpm/ /proc/mounts; pgrep -f '[b]in/dkms check'"]);
  assert.is(left.output, "");
}

scenario("bad input has one line and status 3", [...linux, good], async (machine) => {
  const asAnn = await addAnn(machine);
  await repository(machine, "core", linuxNext);
  const settings = machine.read("/etc/pacman.conf");
  const rows: readonly (readonly [title: string, change: () => Promise<unknown> | void, doubt: RegExp])[] = [
    [
      "a repository that is down and was never here",
      () => machine.write("/etc/pacman.conf", `${settings}\n[gone]\nServer = http://127.0.0.1:9\n`),
      /^The package databases could not be synchronised: failed retrieving file 'gone\.db' from 127\.0\.0\.1:9/,
    ],
    [
      "a settings file that pacman cannot read",
      () => machine.write("/etc/pacman.conf", `${settings}\nInclude = /etc/nowhere\n`),
      /^pacman's settings cannot be read: config file \/etc\/nowhere could not be read/,
    ],
    [
      "databases that do not verify",
      () => machine.write("/etc/pacman.conf", settings.replace("SigLevel = Never", "SigLevel = Required")),
      /^The package databases could not be synchronised: /,
    ],
    [
      "no repository",
      () => machine.write("/etc/pacman.conf", "[options]\nSigLevel = Never\n"),
      /^The package databases could not be synchronised: pacman\.conf names no repository/,
    ],
  ];
  for (const [title, change, doubt] of rows) {
    await change();
    const before = await listing(machine);
    for (const who of [[], asAnn]) {
      const { verdict, doubts } = await ask(machine, [], who);
      assert.is(verdict, "unknown", title);
      assert.match(doubts[0] ?? "", doubt, `${title}: ${doubts[0]}`);
    }
    assert.is(await listing(machine), before, title);
    await isClean(machine);
    machine.write("/etc/pacman.conf", settings);
  }
});

scenario("another pacman's lock, options, and a module that is not installed", [...linux, good], async (machine) => {
  await repository(machine, "core", linuxNext);
  machine.write("/var/lib/pacman/db.lck", "");
  assert.is((await ask(machine)).verdict, "fine");
  assert.is((await ask(machine, ["--ignore", "linux,linux-headers"])).verdict, "nothing");
  assert.is((await ask(machine, ["--packages", "linux,linux-headers"])).verdict, "fine");
  const late = await ask(machine, ["--timeout", "1", "--packages", "linux"]);
  if (late.verdict === "unknown") assert.match(late.doubts[0] ?? "", /within 1 s/);

  for (const [words, text] of [
    [["--packages", ""], "--packages needs names of packages"],
    [["--timeout", "soon"], "--timeout needs a number of seconds"],
    [["--installed", "--packages", "a"], "One of --packages, --with and --installed at a time"],
    [["good"], "takes no operand"],
    [["--nonsense"], "Unknown option: --nonsense"],
  ] as const) {
    const { status, output } = await machine.run(["dkms", "check", ...words]);
    assert.is(status, 3, output);
    assert.match(output, text);
  }
  const quiet = await machine.run(["dkms", "check", "--quiet"], { timeout: 100 });
  assert.equal([quiet.status, quiet.output], [0, ""]);

  machine.compiled();
  const installed = await ask(machine, ["--installed"]);
  assert.is(installed.verdict, "unknown", "nobody knows how this machine boots");
  assert.equal(machine.compiled(), []);

  const before = await listing(machine);
  await machine.need(["cp", "-r", "/usr/src/good-1.0", "/root/mine"]);
  await machine.need(["sed", "-i", "s/VERSION=1.0/VERSION=9/", "/root/mine/dkms.conf"]);
  const given = await machine.run(["dkms", "check", "--json", "--with", "./mine"], { cwd: "/root", timeout: 100 });
  const { verdict, kernels } = JSON.parse(given.stdout) as Awaited<ReturnType<typeof ask>>;
  assert.is(verdict, "fine", given.output);
  assert.equal(
    kernels.map(({ kernel, incoming, modules }) => [
      kernel,
      incoming,
      ...modules.map((one) => `${one.module}/${one.version}`),
    ]),
    [[next, true, "good/9"]],
    "the old kernel is replaced by the upgrade",
  );
  const failing = await ask(machine, ["--with", broken]);
  assert.is(failing.verdict, "breaks");
  assert.equal(
    failing.kernels.flatMap(({ modules }) => modules.map(({ result }) => result)),
    ["fails"],
  );
  assert.is((await ask(machine, ["--with", "/nowhere"])).verdict, "unknown");
  assert.is(await listing(machine), before);
  await isClean(machine);
});

scenario("what is to be left out is what pacman can leave out", [...linux, tools, pinned], async (machine) => {
  await repository(machine, "core", [...linux, toolsNext, pinnedNext, good]);
  const { verdict, ignore } = await ask(machine, ["--ignore", "good"]);
  assert.equal([verdict, ignore], ["breaks", ["good", "pinned-dkms", "pinned-tools"]]);
  const { status, output } = await machine.pacman("-Syu", "--ignore", ignore.join(","));
  assert.is(status, 0, output);
});

scenario("headers that are not there yet, headers alone, and no space", [...linux, good], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = good\n");
  const asAnn = await addAnn(machine);
  const core = await repository(machine, "core", [linuxNext[0]]);
  for (const who of [[], asAnn]) {
    const { verdict, refused, kernels, ignore, doubts } = await ask(machine, [], who);
    assert.equal([verdict, refused, ignore], ["breaks", true, ["linux"]], doubts.join("\n"));
    assert.equal(
      kernels.map(({ kernel, headers }) => [kernel, headers]),
      [[next, false]],
    );
  }
  const { output } = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.match(output, "its headers are not there yet: no module builds");
  assert.match(output, "Or wait until its headers are in the repository");

  await machine.need(["mount", "-t", "tmpfs", "-o", "size=8m", "small", "/var/cache/pacman/pkg"]);
  const full = await ask(machine);
  assert.is(full.verdict, "unknown");
  assert.match(
    full.doubts[0] ?? "",
    /^\/var\/cache\/pacman\/pkg has 8 MiB of free space, and 33 MiB may be needed\. Nothing was tested\.$/,
  );
  await machine.need(["umount", "/var/cache/pacman/pkg"]);
  await isClean(machine);

  await core.add(linuxNext[1]);
  const settings = machine.read("/etc/pacman.conf");
  machine.write("/etc/pacman.conf", settings.replace("[options]\n", "[options]\nIgnorePkg = linux\n"));
  const alone = await ask(machine);
  assert.equal([alone.verdict, alone.refused, alone.ignore], ["breaks", false, ["linux-headers"]]);
  assert.equal(
    alone.kernels.map(({ kernel, incoming, headers, modules }) => [kernel, incoming, headers, modules]),
    [[old, false, false, []]],
  );
  const told = await machine.run(["dkms", "check"], { timeout: 100 });
  const replaced = `Kernel ${old}: its headers are replaced by those of ${next}, which is another release`;
  const words = `==> WARNING: ${replaced}, so no module can be built for it; what is installed there stays (good).`;
  assert.ok(told.output.includes(words), told.output);
  assert.match(told.output, `it will have no headers: what is installed stays, and nothing can be built`);
  assert.match(told.output, `would break something: no module can be built for ${old}, which has no headers then.`);
  assert.match(told.output, "To upgrade everything else: pacman -Syu --ignore linux-headers");
  const upgrade = await machine.commit("-Syu");
  assert.ok(upgrade.includes(words), upgrade);
  assert.match(upgrade, `==> WARNING: The headers of kernel ${old} are not installed. There are headers for ${next}`);
  assert.match(upgrade, "good/1.0 stays installed there, and no module can be built for it.");
  assert.equal(await machine.status(), [`good/1.0, ${old}, x86_64: installed`]);
  assert.is(await machine.modinfo(old, "version", "good"), "1.0");
});

test.run();
