/** `dkms check` before an upgrade says what the upgrade does afterwards, whoever asks. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
import { makePackage } from "../packages.ts";
import { repository } from "../repository.ts";
import { scenario } from "../scenario.ts";
import { addAnn, ask, listing, type Answer } from "./ask.ts";

const [old, next, lts] = ["6.6.1-arch1-1", "6.6.2-arch1-1", "6.1.9-1-lts"] as const;
const [linux, linuxNext, linuxLts, good, other, fails, fixed] = await Promise.all([
  madeKernel("linux", old, "6.6.1-1"),
  madeKernel("linux", next, "6.6.2-1"),
  madeKernel("linux-lts", lts, "6.1.9-1"),
  madeModule("good", "1.0"),
  madeModule("other", "1.0"),
  madeModule("needed", "1.0", { broken: next }),
  madeModule("needed", "1.1"),
]);
/** Processes and threads of a check that builds nothing. */
const mostPrograms = 250;

const installed = [...linux, ...linuxLts, good, other, fails];

scenario("a required module fails; a fixed version makes the upgrade fine", installed, async (machine) => {
  // The limit is for transactions, which somebody waits for.
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = needed\nTimeLimit = 1\n");
  const core = await repository(machine, "core", linuxNext);
  machine.compiled();
  const before = await listing(machine);

  const { status, output } = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.is(status, 1, output);
  assert.match(output, `] good/1.0 for linux ${next} builds (`);
  assert.match(
    output,
    `==> linux ${next} (incoming)\n  -> builds: good/1.0, other/1.0\n  -> does not build: needed/1.0`,
  );
  assert.match(output, `==> ERROR: The upgrade would break something: it loses needed for ${next}.`);
  assert.match(output, "dkms-guard would refuse it.");
  assert.match(output, "To upgrade everything else: pacman -Syu --ignore linux,linux-headers");
  assert.is(await listing(machine), before, "nothing has changed");
  assert.equal(machine.compiled(), [`good.c for ${next}`, `other.c for ${next}`]);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
  assert.ok(machine.exists("/var/cache/pacman/pkg/linux-headers-6.6.2-1-any.pkg.tar.zst"), "root's downloads are kept");

  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = needed\n");
  const refused = await machine.pacman("-Syu");
  assert.is(refused.status, 1, refused.output);
  const words = (text: string): readonly string[] =>
    text.split("\n").filter((line) => /Building needed|error: no/.test(line));
  const [headline = "", ...reasons] = words(refused.output);
  assert.match(headline, `==> ERROR: Building needed/1.0 for linux ${next} failed: make exited with status 2.`);
  for (const line of [headline, ...reasons]) assert.ok(output.includes(line), `the same words: ${line}`);
  assert.match(refused.output, "Known to build: good/1.0");
  assert.match(refused.output, "This transaction is refused");
  assert.equal(machine.compiled(), [], "the refusal needs no compiler");
  assert.not.match(machine.read("/var/lib/dkms/needed/1.0/source/Makefile"), "changed");

  // A check asks the compiler once more.
  const again = await ask(machine);
  assert.is(again.verdict, "breaks");
  assert.is(again.refused, true);

  await core.add(fixed);
  const part = ["dkms", "check", "--packages", "linux,linux-headers"];
  const without = await machine.run(part, { timeout: 100 });
  assert.is(without.status, 1, without.output);
  const advice = "A repository has a newer version, which may build: needed-dkms 1.1-1 (pacman -S core/needed-dkms)";
  assert.ok(without.output.includes(`  -> ${advice}`), without.output);
  assert.not.match(without.output, "Or wait for a version of the module that builds");

  const fine = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.is(fine.status, 0, fine.output);
  assert.match(fine.output, "==> The upgrade is fine.");
  machine.compiled();
  // What a check does beside its builds takes as long as the programs that it starts, whatever the machine is busy with.
  const started = async (): Promise<number> => Number(await machine.need(["sh", "-c", "echo $$"]));
  const first = await started();
  assert.is((await machine.run(["dkms", "check"], { timeout: 100 })).status, 0);
  const programs = (await started()) - first;
  assert.equal(machine.compiled(), [], "everything is known to build");
  assert.ok(programs < mostPrograms, `${programs} processes and threads were started`);
  machine.compiled();
  const upgrade = await machine.commit("-Syu");
  assert.match(upgrade, /Known to build: .*needed\/1\.1/);
  assert.equal(machine.compiled(), [], "the upgrade needs no compiler");
  assert.is(await machine.modinfo(next, "version", "needed"), "1.1");

  const nothing = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.is(nothing.status, 2, nothing.output);
  assert.match(nothing.output, "There is nothing to check");
});

scenario("another user gets the same answer, and leaves the machine alone", installed, async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = needed\n");
  const asAnn = await addAnn(machine);
  const core = await repository(machine, "core", linuxNext);
  const comparable = ({ findings, ...answer }: Answer): unknown => ({
    ...answer,
    time: "",
    kernels: JSON.parse(
      JSON.stringify(answer.kernels).replaceAll("/home/ann/.cache/dkms-alpm/log", "/var/log/dkms-alpm"),
    ),
    findings: findings.map((finding) => ({ ...finding, log: finding.log?.replace(/.*\//, "") })),
  });
  for (const added of [[], [fixed]]) {
    if (added.length > 0) await core.add(...added);
    const before = await listing(machine);
    const theirs = await ask(machine, [], asAnn);
    assert.is(await listing(machine), before);
    assert.equal(machine.list("/var/cache/pacman/pkg"), [], "a user's downloads are his own");
    assert.equal(machine.list("/home/ann/.cache/dkms-alpm/guard"), []);
    const ours = await ask(machine);
    assert.equal(comparable(theirs), comparable(ours));
    assert.is(theirs.status, added.length === 0 ? 1 : 0);
    await machine.need(["find", "/var/cache/pacman/pkg", "-type", "f", "-delete"]);
  }
});

/** A package of the toolchain whose program says this, or does not start. */
const pahole = (version: string, text: string): Promise<string> =>
  makePackage({ name: "pahole", version: `${version}-1`, files: { "usr/bin/pahole": { text, mode: 0o755 } } });
const [picky, linuxThird, paholeOne, paholeTwo, paholeBroken] = await Promise.all([
  madeModule("picky", "1.0", { broken: `6.6.[23]*) pahole | grep -q two ;; none` }),
  madeKernel("linux", "6.6.3-arch1-1", "6.6.3-1"),
  pahole("100", "#!/bin/sh\necho one\n"),
  pahole("101", "#!/bin/sh\necho two\n"),
  pahole("102", "#!/nowhere/ld.so\n"),
]);

scenario("builds run the toolchain of the upgrade", [...linux, picky], async (machine) => {
  const asAnn = await addAnn(machine);
  await machine.commit("-U", "--overwrite", "*", paholeOne);
  const core = await repository(machine, "core", linuxNext);
  assert.is((await ask(machine)).verdict, "breaks", "the program of now is too old");
  await core.add(paholeTwo);
  for (const who of [asAnn, []]) assert.is((await ask(machine, [], who)).verdict, "fine");
  machine.compiled();
  await machine.commit("-Syu", "--overwrite", "*");
  assert.equal(machine.compiled(), [], "the upgrade needs no compiler");
  assert.is(await machine.modinfo(next, "version", "picky"), "1.0");

  await core.add(...linuxThird, paholeBroken);
  const words =
    "==> WARNING: DKMS modules were not tested against this transaction: " +
    "the pahole of this transaction does not run here before it is installed (";
  const { status, output } = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.is(status, 3, output);
  assert.ok(output.includes(words), output);
  const upgrade = await machine.commitWithFailure("-Syu", "--overwrite", "*");
  assert.ok(upgrade.includes(words), upgrade);
});

test.run();
