/** A tree that one of the two programs has made is the other's to use: with every command, in both directions. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { need } from "../command.ts";
import { kernels, modules, packed } from "./cast.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { snapshot } from "./snapshot.ts";
import { createTwins, type Program, programs, running } from "./twins.ts";

const twins = await createTwins();
const fills = [await madeUpKernels(kernels), await madeUpModules(modules)];

const trees: readonly string[] = ["/var/lib/dkms", "/usr/lib/modules", "/usr/src"];

const other = (program: Program): Program => (program === "ours" ? "reference" : "ours");

async function dkms(program: Program, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const { status, output } = await twins.dkms(program, line.split(" "));
    assert.is(status, 0, `${program}: dkms ${line}\n${output}`);
  }
}

async function statusOf(program: Program): Promise<string[]> {
  const { stdout } = await twins.dkms(program, ["status"]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Everything that the first program has left moves to the machine of the second. */
async function handOver(from: Program): Promise<void> {
  for (const tree of trees) {
    const target = twins[other(from)].path(tree);
    await need(["find", target, "-mindepth", "1", "-delete"]);
    await need(["cp", "-aT", twins[from].path(tree), target]);
  }
}

/** Paths below the dkms tree and those of installed objects; the configurations that old releases keep beside the log do not count. */
function left(program: Program): string[] {
  return snapshot(twins[program]).filter((line) => !line.endsWith("/log/.config"));
}

interface Exchange {
  readonly title: string;
  /** What the first program does, */
  readonly first: readonly string[];
  /** what the second one does with it, */
  readonly second: readonly string[];
  /** and what is known then. */
  readonly status: readonly string[];
}

const installed = `plain/1.0, ${running}, x86_64: installed`;
const built = `plain/1.0, ${running}, x86_64: built`;

const exchanges: readonly Exchange[] = [
  { title: "removes what it installed", first: ["install plain/1.0"], second: ["remove plain/1.0"], status: [] },
  { title: "builds what it added", first: ["add plain/1.0"], second: ["build plain/1.0"], status: [built] },
  { title: "installs what it built", first: ["build plain/1.0"], second: ["install plain/1.0"], status: [installed] },
  {
    title: "uninstalls what it installed",
    first: ["install plain/1.0"],
    second: ["uninstall plain/1.0"],
    status: [built],
  },
  {
    title: "unbuilds what it installed",
    first: ["install plain/1.0"],
    second: ["unbuild plain/1.0"],
    status: ["plain/1.0: added"],
  },
  {
    title: "sees nothing to do where it installed",
    first: ["install plain/1.0"],
    second: ["install plain/1.0"],
    status: [installed],
  },
  {
    title: "installs anew what it installed",
    first: ["install plain/1.0"],
    second: ["install plain/1.0 --force"],
    status: [installed],
  },
  {
    title: "upgrades what it installed",
    first: ["install plain/1.0"],
    second: ["install plain/2.0", "remove plain/1.0"],
    status: [`plain/2.0, ${running}, x86_64: installed`],
  },
  {
    title: "removes compressed objects for one of two kernels",
    first: [`install twofold/1.0 -k ${running}`, `install plain/1.0 -k ${packed}`],
    second: [`remove plain/1.0 -k ${packed}`],
    status: [`twofold/1.0, ${running}, x86_64: installed`],
  },
  {
    title: "goes on with autoinstall",
    first: ["install plain/1.0", "add needy/1.0"],
    second: ["autoinstall"],
    status: [`needy/1.0, ${running}, x86_64: installed`, installed],
  },
];

for (const first of programs) {
  const second = other(first);
  for (const { title, ...exchange } of share(exchanges, 3)) {
    test(`${second} ${title.replace(" it ", ` ${first} `)}`, async () => {
      await twins.reset(fills);
      await dkms(first, ...exchange.first);
      await handOver(first);
      assert.equal(await statusOf(second), await statusOf(first), "both read the tree alike");
      await dkms(second, ...exchange.second);
      assert.equal(await statusOf(second), exchange.status);
      const together = left(second);
      // The same, all of it by the first program, leaves the same.
      await dkms(first, ...exchange.second);
      assert.equal(together, left(first));
    });
  }
}

test("back and forth five times", async () => {
  await twins.reset(fills);
  let program: Program = "ours";
  for (let round = 0; round < 5; round += 1) {
    await dkms(program, `install plain/1.0 -k ${packed}`);
    await handOver(program);
    program = other(program);
    await dkms(program, `unbuild plain/1.0 -k ${packed}`);
    assert.equal(await statusOf(program), ["plain/1.0: added"]);
  }
});

test("ours loads the reference's tarball, and the other way round", async () => {
  for (const first of programs) {
    const second = other(first);
    await twins.reset(fills);
    await dkms(first, `build plain/1.0 -k ${packed}`, `mktarball plain/1.0 -k ${packed} --archive=/tmp/t.dkms.tar.gz`);
    await need(["cp", twins[first].path("/tmp/t.dkms.tar.gz"), twins[second].path("/tmp")]);
    twins[second].remove("/usr/src/plain-1.0");
    await dkms(second, "ldtarball /tmp/t.dkms.tar.gz", `install plain/1.0 -k ${packed}`);
    assert.equal(await statusOf(second), [`plain/1.0, ${packed}, x86_64: installed`]);
    assert.ok(twins[second].exists("/usr/src/plain-1.0/plain.bin"));
  }
});

test.after(() => twins.dispose());

test.run();
