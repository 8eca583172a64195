/** `dkms check` before an upgrade says what the upgrade does afterwards, whoever asks. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
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
const installed = [...linux, ...linuxLts, good, other, fails];

scenario("a required module fails; a fixed version makes the upgrade fine", installed, async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = needed\n");
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

  const refused = await machine.pacman("-Syu");
  assert.is(refused.status, 1, refused.output);
  const words = (text: string): readonly string[] =>
    text.split("\n").filter((line) => /Building needed|error: no/.test(line));
  const [first = "", ...reasons] = words(refused.output);
  assert.match(first, `==> ERROR: Building needed/1.0 for linux ${next} failed: make exited with status 2.`);
  for (const line of [first, ...reasons]) assert.ok(output.includes(line), `the same words: ${line}`);
  assert.match(refused.output, "Known to build: good/1.0");
  assert.match(refused.output, "This transaction is refused");
  assert.equal(machine.compiled(), [], "the refusal needs no compiler");
  assert.not.match(machine.read("/var/lib/dkms/needed/1.0/source/Makefile"), "changed");

  // A check asks the compiler once more.
  const again = await ask(machine);
  assert.is(again.verdict, "breaks");
  assert.is(again.refused, true);

  await core.add(fixed);
  const fine = await machine.run(["dkms", "check"], { timeout: 100 });
  assert.is(fine.status, 0, fine.output);
  assert.match(fine.output, "==> The upgrade is fine.");
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

test.run();
