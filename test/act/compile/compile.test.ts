/** Real builds with gcc and make in scratch trees, closed and plain. */
import * as fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPair } from "../../../src/act/compile/compile.ts";
import { openJobPool } from "../../../src/act/jobs/jobserver.ts";
import type { SandboxSettings } from "../../../src/model/settings/sandbox-settings.ts";
import { goodModule, Scene, script, type Files } from "./scene.ts";

const brokenModule = { ...goodModule, "hello.c": "int hello(void) { return 1 }\n" };
const postBuild = `#!/bin/bash
cp release.txt ../$kernelver/$arch/from-post-build
echo "$module $module_version $kernelver $arch" > "../$kernelver/$arch/words"
`;

for (const sandbox of ["auto", "no"] as const) {
  const test = suite<{ scene: Scene; settings: Partial<SandboxSettings> }>(`sandbox ${sandbox}`);
  test.before.each((context) => {
    context.scene = new Scene();
    context.settings = { sandbox };
  });
  test.after.each(({ scene }) => scene.remove());

  test("a build puts objects, symbols and log into K/A and leaves nothing else", async ({ scene, settings }) => {
    const input = scene.input();
    assert.is(await scene.attempt(input, scene.environment(settings)), undefined);
    assert.equal(scene.list(scene.result(input)), ["log", "module"]);
    assert.equal(scene.list(`${scene.result(input)}/module`), ["Module.symvers", "hello.ko"]);
    assert.equal(scene.list("tree/hello/1.0"), ["6.1.0-test", "source"]);
    assert.equal(scene.list("tree/hello/1.0/6.1.0-test"), ["x86_64"]);
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
    assert.match(scene.read(`${scene.result(input)}/module/Module.symvers`), "tree/hello/1.0/build");
    assert.is(scene.log(), scene.read(`${scene.result(input)}/log/make.log`));
    assert.equal(scene.finished.length, 1);
    assert.is(scene.finished[0]?.strip, true);
    assert.is(fs.statSync(`${scene.root}/${scene.result(input)}`).mode & 0o777, 0o755);
  });

  test("the log has a title, a date and a frame for the command", async ({ scene, settings }) => {
    assert.is(await scene.attempt(scene.input(), scene.environment(settings)), undefined);
    const [title, date, ...frame] = scene.log().split("\n");
    assert.is(title, "DKMS (dkms-alpm-test) make.log for hello/1.0 for kernel 6.1.0-test (x86_64)");
    assert.match(date ?? "", /^\w{3} \w{3} \d\d \d\d:\d\d:\d\d [+-]\d{4} \d{4}$/);
    assert.equal(frame.slice(0, 3), [
      "",
      "Building module(s)",
      `# command: make KERNELRELEASE=6.1.0-test -C ${scene.headers} M=${scene.layout.dkmsTree}/hello/1.0/build`,
    ]);
    assert.match(frame.slice(3).join("\n"), /\n\n# exit code: 0\n# elapsed time: 00:00:\d\d\n-{64}\n$/);
  });

  test("POST_BUILD writes to K/A at its final path and gets dkms' variables", async ({ scene, settings }) => {
    const input = scene.input(
      { ...goodModule, "post.sh": postBuild },
      { directives: { make: undefined, patches: [], scripts: { "post-build": script("post.sh") } } },
    );
    assert.is(await scene.attempt(input, scene.environment(settings)), undefined);
    assert.is(scene.read(`${scene.result(input)}/from-post-build`), "kernel 6.1.0-test\n");
    assert.is(scene.read(`${scene.result(input)}/words`), "hello 1.0 6.1.0-test x86_64\n");
    assert.match(scene.log(), "\nRunning the post_build script\n# command: cd ");
  });

  test("a make that hangs is stopped after the time limit", async ({ scene, settings }) => {
    const directives = { make: "echo begun; sleep 600", patches: [], scripts: {} };
    const error = await scene.attempt(
      scene.input(goodModule, { directives }),
      scene.environment(settings, { timeLimit: 2 }),
    );
    assert.is(error?.code, "make-failed");
    assert.match(error?.message ?? "", /was stopped: "Building module\(s\)" took more than 2 seconds\.$/);
    assert.match(error?.facts.hint ?? "", "TimeLimit under [Build] in /etc/dkms-alpm.conf");
    assert.match(scene.log(), /begun/);
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
  });

  test("a failing rebuild keeps the old result, and M/V/build tells why", async ({ scene, settings }) => {
    const input = scene.input();
    assert.is(await scene.attempt(input, scene.environment(settings)), undefined);
    const before = scene.read(`${scene.result(input)}/log/make.log`);
    const error = await scene.attempt(scene.input(brokenModule), scene.environment(settings));
    assert.is(error?.code, "make-failed");
    assert.match(error?.facts.excerpt?.[0] ?? "", /hello\.c:1:\d+: error: expected ‘;’ before ‘}’ token/);
    assert.is(error?.facts.log, `${scene.layout.logs}/hello-1.0-6.1.0-test-x86_64.log`);
    assert.is(error?.facts.module, "hello/1.0");
    assert.is(scene.read(`${scene.result(input)}/log/make.log`), before);
    assert.is(scene.read("tree/hello/1.0/build/make.log"), scene.log());
    assert.ok(scene.list("tree/hello/1.0/build").includes("hello.c"));
    assert.equal(scene.list("tree/hello/1.0/6.1.0-test"), ["x86_64"]);
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
  });

  test("after a failing POST_BUILD the module is built, and a result that was there before stays", async ({
    scene,
    settings,
  }) => {
    const files = { ...goodModule, "post.sh": "#!/bin/sh\nexit 9\n" };
    const directives = { make: undefined, patches: [], scripts: { "post-build": script("post.sh") } };
    const first = await scene.attempt(scene.input(files, { directives }), scene.environment(settings));
    assert.is(first?.code, "script-failed");
    assert.is(first?.facts.exitCode, 9);
    assert.equal(scene.list("tree/hello/1.0/6.1.0-test/x86_64/module"), ["Module.symvers", "hello.ko"]);
    assert.match(scene.read("tree/hello/1.0/build/make.log"), "# exit code: 9");
    const input = scene.input();
    assert.is(await scene.attempt(input, scene.environment(settings)), undefined);
    const before = fs.statSync(`${scene.root}/${scene.result(input)}`).ino;
    assert.is(
      (await scene.attempt(scene.input(files, { directives }), scene.environment(settings)))?.code,
      "script-failed",
    );
    assert.is(fs.statSync(`${scene.root}/${scene.result(input)}`).ino, before);
    assert.equal(scene.list("tree/hello/1.0/6.1.0-test"), ["x86_64"]);
  });

  test("PRE_BUILD that fails with 3 makes the build fail with 3", async ({ scene, settings }) => {
    const input = scene.input(
      { ...goodModule, "pre.sh": "#!/bin/sh\necho 'pre: command not found' >&2\nexit $1\n" },
      { directives: { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh", "3 *.c") } } },
    );
    const error = await scene.attempt(input, scene.environment(settings));
    assert.is(error?.code, "script-failed");
    assert.is(error?.facts.exitCode, 3);
    assert.equal(error?.facts.excerpt, ["pre: command not found"]);
    assert.equal(scene.list("tree/hello/1.0"), ["build", "source"]);
  });

  test("a configure script that starts makes of its own is told how many jobs there are", async ({
    scene,
    settings,
  }) => {
    const files = { ...goodModule, "pre.sh": '#!/bin/sh\necho "jobs: ${TEST_JOBS-not given}"\nexit 1\n' };
    const directives = { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh") } };
    for (const [size, variables, said] of [
      [3, {}, "3"],
      [3, { TEST_JOBS: "2" }, "2"],
      [0, {}, "not given"],
    ] as const) {
      const pool = openJobPool(size);
      await scene.attempt(scene.input(files, { directives, variables }), scene.environment(settings, { pool }));
      assert.match(scene.log(), `\njobs: ${said}\n`);
    }
  });

  test("a make with several jobs in a script takes them from the slots of all builds; another has one", async ({
    scene,
    settings,
  }) => {
    // Each line tells how many jobs run; the flags of the call and of build_environment reach the recipes.
    const makefile = [
      "all: 1 2 3 4 5 6",
      "1 2 3 4 5 6:",
      "\t@touch run.$@; set -- run.*; echo together $$#; sleep 0.5; rm run.$@",
      "show:",
      "\t@echo 'flags <$(findstring k,$(firstword -$(MAKEFLAGS)))> <$(CC)> <$(A)>'",
      "sub:",
      "\t@make -f own -j9 all",
    ].join("\n");
    const most = async (call: string, size: number): Promise<"one" | "two" | "more"> => {
      const files = { ...goodModule, own: `${makefile}\n`, "pre.sh": `#!/bin/sh\n${call}\nexit 1\n` };
      const directives = { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh") } };
      const input = scene.input(files, { directives, variables: { CC: "a cc" } });
      await scene.attempt(input, scene.environment(settings, { pool: openJobPool(size) }));
      assert.not.match(scene.log(), /warning/);
      const counts = [...scene.log().matchAll(/^together +(\d+)$/gm)].map(([, count]) => Number(count));
      assert.is(counts.length, 6, scene.log());
      const together = Math.max(...counts);
      return together === 1 ? "one" : together === 2 ? "two" : "more";
    };
    const limited = settings.sandbox === "no" ? "more" : "two";
    for (const words of ["-j6", "-j 6", "--jobs=6", "-j", "-k -j6 A=b"]) {
      assert.is(await most(`make -f own ${words} show all`, 2), limited, words);
      assert.match(scene.log(), `flags <${words.includes("k") ? "k" : ""}> <a cc> <${words.includes("A") ? "b" : ""}>`);
    }
    assert.is(await most("make -f own sub", 2), limited);
    for (const words of ["", "-j1", "-j 1"]) assert.is(await most(`make -f own ${words} all`, 2), "one", words);
    assert.is(await most("make -f own -j6 all", 0), "more");
  });

  test("a script that is not executable is left out with a warning; the administrator's comes first", async ({
    scene,
    settings,
  }) => {
    const files = { ...goodModule, "pre.sh": "echo no\n", "post.sh": "#!/bin/sh\nexit 1\n" };
    const scripts = { "pre-build": script("pre.sh"), "post-build": script("post.sh") };
    scene.write({ "etc/hello/post.sh": "#!/bin/sh\npwd\n" });
    const input = scene.input(files, { directives: { make: undefined, patches: [], scripts } });
    assert.is(await scene.attempt(input, scene.environment(settings)), undefined);
    assert.ok(
      scene.events.some(
        (event) => event.kind === "note" && /PRE_BUILD script pre\.sh .* not executable/.test(event.text),
      ),
    );
    assert.match(scene.log(), `\n${scene.layout.overrides}/hello\n`);
  });

  test("build_environment replaces the compiler of the kernel, in every make", async ({ scene, settings }) => {
    const makefile = "CC = gcc\nLD = ld\n$(info <$(CC)|$(origin CC)|$(LD)>)\nshow:\n\t@exit 1\n";
    const variables = { CC: "ccache  gcc \\x", OTHER: "y" };
    for (const make of ["make -f own", 'echo "<$CC>"; env make -f own show; exit 1']) {
      const facts = { compiler: { CC: "gcc-12", LD: "ld.lld" }, llvm: false } as const;
      const directives = { make, patches: [], scripts: {} };
      const input = scene.input({ ...goodModule, own: makefile }, { directives, facts, variables });
      await scene.attempt(input, scene.environment(settings));
      assert.match(scene.log(), "<ccache  gcc \\x|command line|ld>");
    }
    assert.match(scene.log(), "<ccache  gcc \\x>");
  });

  test("objects for another kernel release are a failure, unless a person has named the headers", async ({
    scene,
    settings,
  }) => {
    const marked = (release: string): Files => ({
      ...goodModule,
      "hello.c": `const char info[] __attribute__((section(".modinfo"), used)) = "vermagic=${release} SMP ";\n`,
    });
    const own = { kernelSource: scene.ownHeaders() };
    const attempt = (release: string, changes: Parameters<Scene["input"]>[1]) =>
      scene.attempt(scene.input(marked(release), changes), scene.environment(settings));
    assert.is(await attempt("6.1.0-test", own), undefined);
    const error = await attempt("6.0.0-other", own);
    assert.is(error?.code, "object-foreign");
    assert.match(
      error?.message ?? "",
      `its vermagic is "6.0.0-other SMP ", and that of the kernel begins with 6.1.0-test`,
    );
    assert.is(await attempt("6.0.0-other", {}), undefined);
  });

  test("objects that the build has not made are named", async ({ scene, settings }) => {
    const objects = [
      { builtName: "hello", builtLocation: "", destName: "hello", strip: true },
      { builtName: "other", builtLocation: "sub/", destName: "other", strip: false },
    ] as const;
    const error = await scene.attempt(scene.input(goodModule, { objects }), scene.environment(settings));
    assert.is(error?.code, "object-missing");
    assert.match(error?.message ?? "", "did not make sub/other.ko");
    assert.equal(scene.list("tree/hello/1.0"), ["build", "source"]);
  });

  test("abort ends everything that was started and removes the private directories", async ({ scene, settings }) => {
    const controller = new AbortController();
    const make = `sleep 4321 & sleep 4322`;
    const input = scene.input(goodModule, { directives: { make, patches: [], scripts: {} } });
    const work = scene.attempt(input, scene.environment(settings, { signal: controller.signal }));
    await delay(700);
    assert.ok(processes().some((line) => line.includes("sleep\u00004322")));
    controller.abort();
    assert.is((await work)?.code, "interrupted");
    await delay(100);
    assert.not.ok(processes().some((line) => line.startsWith("sleep\u0000432")));
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
    assert.equal(scene.list("tree/hello/1.0/6.1.0-test"), []);
  });

  test("two kernels of one module at once do not mix", async ({ scene, settings }) => {
    const releases = ["6.1.0-one", "6.1.0-two"];
    const environment = scene.environment(settings);
    const inputs = releases.map((release) => scene.input(goodModule, { pair: scene.pair(release) }));
    const scripts = { "pre-build": script("pre.sh"), "post-build": script("post.sh") };
    const files = { ...goodModule, "pre.sh": "#!/bin/sh\nsleep 0.3\n", "post.sh": postBuild };
    scene.input(files);
    await Promise.all(
      inputs.map((input) =>
        buildPair({ ...input, directives: { make: undefined, patches: [], scripts } }, environment),
      ),
    );
    environment.pool.close();
    for (const [index, input] of inputs.entries()) {
      assert.is(scene.read(`${scene.result(input)}/from-post-build`), `kernel ${releases[index]}\n`);
    }
    assert.equal(scene.list("tree/hello/1.0"), [...releases, "source"]);
  });

  test("the success of one kernel leaves the log of another one's failure", async ({ scene, settings }) => {
    const bad = scene.input(brokenModule, { pair: scene.pair("6.1.0-bad") });
    assert.is((await scene.attempt(bad, scene.environment(settings)))?.code, "make-failed");
    if (settings.sandbox === "no") return;
    assert.is(await scene.attempt(scene.input(), scene.environment(settings)), undefined);
    assert.match(scene.read("tree/hello/1.0/build/make.log"), /for kernel 6\.1\.0-bad/);
    assert.is(await scene.attempt({ ...scene.input(), pair: bad.pair }, scene.environment(settings)), undefined);
    assert.equal(scene.list("tree/hello/1.0/build"), []);
  });

  test("a directory with no more than a dkms.conf has no sources", async ({ scene, settings }) => {
    const error = await scene.attempt(scene.input({ "dkms.conf": "" }), scene.environment(settings));
    assert.is(error?.code, "source-empty");
  });

  test("owners without a sandbox, times, links and permissions of the sources are kept", async ({
    scene,
    settings,
  }) => {
    const make = "stat -c '%n %U %a %Y %F' data link > list; exit 1";
    const input = scene.input({ ...goodModule, data: "x" }, { directives: { make, patches: [], scripts: {} } });
    const data = `${input.source}/data`;
    fs.chownSync(data, 1, 1);
    fs.chmodSync(data, 0o640);
    fs.utimesSync(data, 1_000_000_000, 1_000_000_000);
    fs.symlinkSync("data", `${input.source}/link`);
    await scene.attempt(input, scene.environment(settings));
    assert.match(
      scene.read("tree/hello/1.0/build/list"),
      `data ${settings.sandbox === "no" ? "daemon" : "root"} 640 1000000000 regular file\nlink root`,
    );
  });

  test.run();
}

function processes(): readonly string[] {
  return fs.readdirSync("/proc").map((name) => {
    try {
      return fs.readFileSync(`/proc/${name}/cmdline`, "utf8");
    } catch {
      return "";
    }
  });
}
