/** What is edited between the first look at a module and the end of its build never counts as built. */
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ActContext } from "../../src/act/context.ts";
import { resultCache } from "../../src/act/cache/place.ts";
import { openPlanPool } from "../../src/act/jobs/plan-pool.ts";
import { buildContext } from "../../src/act/pair-build.ts";
import { performStep, type StepContext } from "../../src/act/steps.ts";
import type { Event } from "../../src/model/run/outcome.ts";
import type { Freshness } from "../../src/model/machine/world.ts";
import type { Pair } from "../../src/model/pair.ts";
import { ConfFiles } from "../../src/observe/conf/conf-files.ts";
import { InputReader } from "../../src/observe/stamps/inputs.ts";
import { RememberedConfs } from "../../src/observe/stamps/remembered-confs.ts";
import { freshness, readStamp } from "../../src/observe/stamps/stamp.ts";
import { readWorld } from "../../src/observe/world.ts";
import { observeContext } from "../observe/context.ts";
import { Scene } from "./compile/scene.ts";

const conf = `PACKAGE_NAME=hello
PACKAGE_VERSION=1.0
BUILT_MODULE_NAME[0]=hello
DEST_MODULE_LOCATION[0]=/updates
`;

/** A module that is registered and waits to be built for two kernels. */
class Bench {
  readonly scene = new Scene();
  readonly pairs = [this.scene.pair("6.1.0-test"), this.scene.pair("6.2.0-test")] as const;
  readonly source: string;
  /** Called with everything that is told. */
  listen: (event: Event) => void = () => undefined;
  #steps: StepContext | undefined;

  close(): void {
    this.#steps?.pool.close();
    this.scene.remove();
  }

  constructor() {
    this.source = this.scene.input({ "dkms.conf": conf, "hello.c": "int one;\n" }).source;
    for (const { kernel } of this.pairs) {
      const headers = join(this.scene.layout.installTree, kernel.release, "build");
      fs.cpSync(this.scene.headers, headers, { recursive: true });
      fs.mkdirSync(join(headers, "include"));
    }
  }

  /** Looks at the machine, as a run does before it plans. */
  async observe(cache: number): Promise<void> {
    const usual = observeContext(this.scene.layout);
    const context = {
      ...usual,
      framework: { ...usual.framework, trySignModules: { value: "never", from: "default" } },
      own: { ...usual.own, cache: { value: cache, from: "default" } },
    } as const;
    const kernels = this.pairs.map(({ kernel }) => kernel);
    const module = this.pairs[0].module;
    const world = await readWorld(
      { kind: "build", module, directory: undefined, kernels: { kind: "these", kernels }, force: false },
      context,
    );
    const acting: ActContext = {
      ...context,
      world,
      signal: new AbortController().signal,
      tell: (event) => this.listen(event),
    };
    this.#steps?.pool.close();
    this.#steps = buildContext(acting, openPlanPool(acting));
  }

  async build(pair: Pair): Promise<void> {
    if (this.#steps === undefined) throw new Error("nobody has observed");
    assert.equal(await performStep({ kind: "build", pair }, this.#steps), { kind: "done", origin: "build" });
  }

  /** Whether a pair counts as built from what is there now. */
  freshness(pair: Pair): Freshness {
    const headers = join(this.scene.layout.installTree, pair.kernel.release, "build");
    const { source } = this;
    const stamp = readStamp(this.scene.layout, pair);
    return freshness(stamp, new InputReader().digests({ source, headers, overrides: [] }));
  }

  edit(text: string): void {
    fs.writeFileSync(join(this.source, "hello.c"), text);
  }

  kept(): readonly string[] {
    const directory = resultCache(this.scene.layout);
    return fs.existsSync(directory) ? fs.readdirSync(directory) : [];
  }
}

function on(title: string, play: (bench: Bench) => Promise<void>): void {
  test(title, async () => {
    const bench = new Bench();
    try {
      await play(bench);
    } finally {
      bench.close();
    }
  });
}

for (const [what, cache] of [
  ["with kept results", 1e9],
  ["without", 0],
] as const) {
  on(`a source that is edited while it is built does not count as built: ${what}`, async (bench) => {
    const [pair] = bench.pairs;
    await bench.observe(cache);
    await bench.build(pair);
    assert.is(bench.freshness(pair), "current");
    assert.is(bench.kept().length, cache === 0 ? 0 : 1);
    bench.edit("int two;\n");
    await bench.observe(cache);
    bench.listen = (event) => {
      if (event.kind === "phase" && event.phase === "compiling") bench.edit("int three;\n");
    };
    await bench.build(pair);
    assert.is(bench.freshness(pair), "changed");
    assert.is(bench.kept().length, cache === 0 ? 0 : 1);
  });
}

on("a source that is edited between the builds of two kernels is kept under no key", async (bench) => {
  const [first, second] = bench.pairs;
  await bench.observe(1e9);
  await bench.build(first);
  const [kept] = bench.kept();
  bench.edit("int two;\n");
  await bench.build(second);
  assert.equal(bench.kept(), [kept]);
  assert.is(bench.freshness(second), "changed");
  // What it was built from is not what it is now either.
  bench.edit("int one;\n");
  assert.is(bench.freshness(first), "current");
  assert.is(bench.freshness(second), "changed");
});

on("a conf that is edited after it was evaluated is evaluated again, and its module built", async (bench) => {
  const [pair] = bench.pairs;
  await bench.observe(1e9);
  fs.appendFileSync(join(bench.source, "dkms.conf"), "BUILT_MODULE_LOCATION[0]=.\n");
  await bench.build(pair);
  assert.is(bench.freshness(pair), "changed");
  assert.equal(bench.kept(), []);
  await bench.observe(1e9);
  await bench.build(pair);
  assert.is(bench.freshness(pair), "current");
  const stamp = readStamp(bench.scene.layout, pair);
  const context = observeContext(bench.scene.layout);
  const found = stamp && new RememberedConfs(context, new ConfFiles(context)).find(stamp, pair, bench.source);
  assert.is(found?.directives.objects[0]?.builtLocation, "./");
});

test.run();
