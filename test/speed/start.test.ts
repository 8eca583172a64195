/** What every prompt, script and transaction waits for: the programs load little, look at little, and start nothing. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildLayOut, buildPrograms } from "../bench/laid-out.ts";
import type { Runner } from "../bench/measure.ts";
import { need, runCommand } from "../e2e/command.ts";
import { counted, type Counts, type Place } from "./counts.ts";

const project = resolve(import.meta.dirname, "../..");
const node = process.execPath;
const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-speed-"));
const programs = join(folder, "programs");
// Neither is there on a machine that is used.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...environment } = process.env;
const path = `${resolve(node, "..")}:${environment["PATH"]}`;
const run: Runner = (argv, options) =>
  runCommand(argv, { ...options, env: { ...(environment as Record<string, string>), PATH: path } });
const here: Place = {
  run,
  read: (file) => readFileSync(file, "utf8"),
  programs: { inside: programs, outside: programs },
  trace: join(folder, "trace"),
};

/** Hooks run as root only. */
const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user"];

function dkms(...words: readonly string[]): readonly string[] {
  return [node, join(programs, "bin/dkms"), ...words];
}

async function layOut(name: string, modules: number, kernels: number): Promise<readonly string[]> {
  const root = join(folder, name);
  const trees = ["--dkmstree", `${root}/tree`, "--sourcetree", `${root}/src`, "--installtree", `${root}/modules`];
  await need([node, join(folder, "lay-out.mjs"), String(modules), String(kernels), ...trees]);
  return trees;
}

/** The words of the Exec line of a hook, with our files in the place of the installed ones. */
function execLine(hook: string): readonly string[] {
  const line = /^Exec = (\S+) -c '(.*)'$/m.exec(readFileSync(join(project, "hooks", hook), "utf8"));
  const [shell, command] = line?.slice(1) ?? [];
  if (shell === undefined || command === undefined) throw new Error(`${hook} has no Exec line that starts a shell`);
  return [shell, "-c", command.replace("/usr/lib/dkms-alpm", programs)];
}

function atMost(counts: Counts, bars: Partial<Counts>): void {
  for (const [what, bar] of Object.entries(bars)) {
    const value = counts[what as keyof Counts];
    assert.ok(value <= bar, `${value} ${what}, at most ${bar}: ${JSON.stringify(counts)}`);
  }
}

test.before(async () => {
  await buildPrograms(programs);
  await buildLayOut(join(folder, "lay-out.mjs"));
  await need(["cp", join(project, "hooks/run-hook"), programs]);
  // It keeps the targets of the machine's transactions, of which these are none.
  await need(["sed", "-i", `s|^state=.*|state=${folder}/state|`, join(programs, "run-hook")]);
  // What the launchers find as `node` is to be the Node under test.
  const launchers = readdirSync(join(programs, "bin")).map((name) => join(programs, "bin", name));
  await need(["sed", "-i", `1s|.*|#!${node}|`, ...launchers]);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("a hook whose targets do not concern us does not even start Node", async () => {
  const argv = [...asRoot, ...execLine("70-dkms-install.hook")];
  const counts = await counted(here, argv, "usr/share/doc/something/dkms.conf\n");
  atMost(counts, { programs: asRoot.length > 0 ? 4 : 2, code: 20_000 });
  assert.not.ok(readFileSync(here.trace, "utf8").includes(`execve("${node}"`));
});

test("dkms --version loads and looks at next to nothing", async () => {
  const counts = await counted(here, dkms("--version"));
  atMost(counts, { programs: 1, forks: 0, files: 15, code: 97_000 });
});

test("no help loads what only work needs", async () => {
  for (const name of readdirSync(join(programs, "bin")).filter((program) => program !== "dkms")) {
    const counts = await counted(here, [node, join(programs, "bin", name), "--help"]);
    atMost(counts, { programs: 1, forks: 0, code: 62_000 });
  }
});

test("dkms status tells of 100 pairs, and starts no other program for it", async () => {
  const trees = await layOut("hundred", 20, 5);
  const lines = (await run(dkms("status", ...trees))).stdout.trim().split("\n");
  assert.is(lines.length, 100);
  assert.equal(
    lines.filter((line) => !line.endsWith(": installed")),
    [],
  );
  const counts = await counted(here, dkms("status", ...trees));
  atMost(counts, { programs: 1, forks: 0, files: 940, code: 200_000 });
});

test("the first status after switching, in a tree without stamps, starts no other program either", async () => {
  const trees = await layOut("switched", 20, 5);
  const told = (await run(dkms("status", ...trees))).stdout;
  rmSync(join(folder, "switched/tree/.dkms-alpm"), { recursive: true });
  assert.is((await run(dkms("status", ...trees))).stdout, told);
  const counts = await counted(here, dkms("status", ...trees));
  atMost(counts, { programs: 1, forks: 0, files: 1870, code: 402_000 });
});

test("dkms doctor and dkms prune evaluate no conf that a stamp remembers", async () => {
  const trees = await layOut("healthy", 3, 2);
  for (const words of [["doctor"], ["prune", "--dry-run"]]) {
    await counted(here, dkms(...words, ...trees));
    assert.not.match(readFileSync(here.trace, "utf8"), /execve\("[^"]*", \["[^"]*bash", "--norc"/);
  }
});

test("dkms doctor and dkms prune start no more programs for many pairs, and look at each a few times", async () => {
  const [small, large] = [await layOut("small", 2, 5), await layOut("large", 20, 5)];
  for (const { words, bar } of [
    { words: ["doctor"], bar: 29 },
    { words: ["prune", "--dry-run"], bar: 23 },
    { words: ["autoinstall", "--dry-run", "-k", "6.0.1-arch1-1"], bar: 11.2 },
  ]) {
    const few = await counted(here, dkms(...words, ...small));
    const many = await counted(here, dkms(...words, ...large));
    const each = (many.files - few.files) / (100 - 10);
    assert.is(many.programs, few.programs, words.join(" "));
    assert.ok(each < bar, `${words.join(" ")}: ${each} calls for each pair`);
  }
});

test("what dkms status looks at grows with the pairs and no faster", async () => {
  const few = await counted(here, dkms("status", ...(await layOut("few", 2, 5))));
  const many = await counted(here, dkms("status", ...(await layOut("many", 40, 5))));
  const each = (many.files - few.files) / (200 - 10);
  assert.ok(each < 9.1, `${each} calls for each pair`);
  assert.is(many.code, few.code);
});

test("the sandbox of a build is started for its conf and for make, and never only to find out whether it works", async () => {
  const root = join(folder, "sandboxed");
  const [source, headers] = [`${root}/src/made-1.0`, `${root}/modules/6.0.0-test/build`];
  mkdirSync(source, { recursive: true });
  mkdirSync(`${headers}/include`, { recursive: true });
  writeFileSync(`${headers}/Makefile`, "modules:\n");
  writeFileSync(`${source}/made.c`, "");
  const conf = "PACKAGE_NAME=made\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME=made\nDEST_MODULE_LOCATION=/extra\n";
  // `true` makes no object: what is started until then is what counts.
  writeFileSync(`${source}/dkms.conf`, `${conf}MAKE[0]=true\n`);
  const trees = ["--dkmstree", `${root}/tree`, "--sourcetree", `${root}/src`, "--installtree", `${root}/modules`];
  mkdirSync(`${root}/tree`);
  // Where the build user gets by itself, as to the usual places.
  chmodSync(folder, 0o755);
  const trace = ["strace", "-f", "-qq", "-s", "200", "-e", "trace=execve", "-o", here.trace];
  const words = dkms("build", "made/1.0", "-k", "6.0.0-test", ...trees);
  const { output } = await run([...trace, ...words], { timeout: 120 });
  assert.match(output, "did not make");
  const started = [...readFileSync(here.trace, "utf8").matchAll(/execve\("([^"]+)".* = 0$/gm)].map(([, name]) => name);
  const sandboxes = started.filter((name) => name?.endsWith("/bwrap"));
  assert.is(sandboxes.length, 2, started.join("\n"));
  assert.ok(started.length <= 16, started.join("\n"));
});

test("no program needs anything that is not in the bundles", async () => {
  for (const name of readdirSync(join(programs, "bin"))) {
    const { status, stderr } = await run([node, join(programs, "bin", name), "--help"]);
    assert.not.match(stderr, /Cannot find module|ERR_|has a bug/);
    assert.ok(status !== null && status <= 2, `${name} --help ends with ${status}: ${stderr}`);
  }
});

test.run();
