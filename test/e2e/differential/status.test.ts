/** `dkms status` prints the same bytes as the reference, in every state that both know, in the same order, however it is asked. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bare, packed } from "./cast.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules, type MadeUpModule } from "./made-up-modules.ts";
import { createTwins, programs, running } from "./twins.ts";

/** Names and versions that every way of sorting puts in another order. */
const modules: readonly MadeUpModule[] = [
  ...[
    "plain/1.0",
    "plain/1.10",
    "plain/1.9",
    "plain/2.0~rc1",
    "plain/2.0",
    "plain-2/1",
    "Plain/1",
    "a.b/1",
    "a-b/1",
    "a_b/1",
  ],
  ...["ab/1", "zz/1+git", "10/1", "9/1", "twofold/1.0"],
].map((id) => {
  const [name = "", version = ""] = id.split("/");
  return { name, version };
});

/** A kernel whose name another one begins with. */
const prefix = packed.slice(0, packed.lastIndexOf("-"));

const before: readonly string[] = [
  ...modules.map(({ name, version }) => `add ${name}/${version}`),
  `build plain/1.0 -k ${running} -k ${packed} -k ${prefix}`,
  `build plain/1.9 -k ${packed} -a i686`,
  `build plain/1.9 -k ${packed}`,
  `install plain/2.0 -k ${running} -k ${packed}`,
  `install a.b/1 -k ${packed}`,
  `install twofold/1.0 -k ${running}`,
  `build zz/1+git --kernelsourcedir /usr/lib/modules/${packed}/build -k ${bare}`,
];

const asked: readonly string[] = [
  "",
  "plain",
  "plain/1.0",
  "-m plain",
  "-m plain -v 2.0",
  "-m plain/2.0",
  "nosuch",
  "plain/nosuch",
  "a*",
  "plain/1*",
  `-k ${packed}`,
  `-k ${packed}/x86_64`,
  `-k ${running} -k ${packed}`,
  `-k ${packed} -k ${running}`,
  `-k ${packed} -a i686`,
  `plain -k ${packed}`,
  `plain/1.9 -k ${packed} -a i686`,
  "-k nosuch",
  "--all",
  "-q",
];

const twins = await createTwins();
await twins.reset([
  await madeUpKernels([
    { release: running },
    { release: packed, suffix: ".xz" },
    { release: prefix },
    { release: bare, headers: "absent" },
  ]),
  await madeUpModules(modules),
]);
for (const program of programs) {
  for (const line of before) {
    const { status, output } = await twins.dkms(program, line.split(" "));
    assert.is(status, 0, `${program}: dkms ${line}\n${output}`);
  }
}

for (const words of asked) {
  test(`dkms status ${words}`, async () => {
    const line = `status ${words}`.trim().split(" ");
    const [ours, reference] = [await twins.dkms("ours", line), await twins.dkms("reference", line)];
    assert.is(ours.stdout, reference.stdout);
    assert.is(ours.status, reference.status);
  });
}

test("the list that is compared holds every state", async () => {
  const { stdout } = await twins.dkms("ours", ["status"]);
  for (const state of [/: added$/m, /: built$/m, /: installed$/m]) assert.match(stdout, state);
  assert.ok(stdout.split("\n").length > modules.length);
});

test("a kernel's own module that was put aside is told of, in 3.0.10's older words by the reference", async () => {
  await twins.reset([
    await madeUpKernels([{ release: packed, suffix: ".xz", modules: ["twofold"] }]),
    await madeUpModules([{ name: "twofold", version: "1.0" }]),
  ]);
  const told: string[] = [];
  for (const program of programs) {
    // On Debian the reference puts nothing aside.
    twins[program].write("/etc/os-release", "ID=arch\n");
    const { status, output } = await twins.dkms(program, ["install", "twofold/1.0", "-k", packed]);
    assert.is(status, 0, `${program}\n${output}`);
    told.push((await twins.dkms(program, ["status"])).stdout);
  }
  const line = `twofold/1.0, ${packed}, x86_64: installed`;
  assert.equal(told, [`${line} (Original modules exist)\n`, `${line} (original_module exists)\n`]);
});

test.after(() => twins.dispose());

test.run();
