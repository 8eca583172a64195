/** What every prompt, script and transaction waits for: the programs start, and say what they know, little later than Node itself does. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildLayOut, buildPrograms } from "../bench/laid-out.ts";
import { measure, type Figures, type Runner } from "../bench/measure.ts";
import { need, runCommand } from "../e2e/command.ts";

const project = resolve(import.meta.dirname, "../..");
const node = process.execPath;
const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-speed-"));
const programs = join(folder, "programs");
// Neither makes Node slower than it is on a machine that is used.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...environment } = process.env;
const run: Runner = (argv, options) => runCommand(argv, { ...options, env: environment as Record<string, string> });
const bare = { run, argv: [node, "-e", "0"] };

/** Hooks run as root only. */
const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user"];

/** Rounds of one measurement; the least counts, as what else the machine does only adds to it. */
const rounds = 9;

/** What a program takes on processors above bare Node, in starts of bare Node: that is as good a measure on a slow machine as on a fast one. */
function above(figures: { readonly bare: Figures; readonly program: Figures }): number {
  return figures.program.leastCpu / figures.bare.leastCpu - 1;
}

function dkms(...words: readonly string[]): { run: Runner; argv: readonly string[] } {
  return { run, argv: [node, join(programs, "bin/dkms"), ...words] };
}

function treesOf(name: string): readonly string[] {
  const root = join(folder, name);
  return ["--dkmstree", `${root}/tree`, "--sourcetree", `${root}/src`, "--installtree", `${root}/modules`];
}

async function layOut(name: string, modules: number, kernels: number): Promise<readonly string[]> {
  const trees = treesOf(name);
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

test.before(async () => {
  await buildPrograms(programs);
  await buildLayOut(join(folder, "lay-out.mjs"));
  await need(["cp", join(project, "hooks/run-hook"), programs]);
  // It keeps the targets of the machine's transactions, of which these are none.
  await need(["sed", "-i", `s|^state=.*|state=${folder}/state|`, join(programs, "run-hook")]);
  // What the launchers find as `node` is to be the Node under test.
  await need([
    "sed",
    "-i",
    `1s|.*|#!${node}|`,
    ...readdirSync(join(programs, "bin")).map((name) => join(programs, "bin", name)),
  ]);
  // As the package's hook does.
  await need([node, join(programs, "lib/compile.js")]);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("a hook whose targets do not concern us costs less than a start of Node", async () => {
  const argv = execLine("70-dkms-install.hook");
  const figures = await measure(
    {
      bare: { run, argv: [...asRoot, "sh", "-c", `'${node}' -e 0`] },
      program: { run, argv: [...asRoot, ...argv], input: "usr/share/doc/something/dkms.conf\n" },
    },
    rounds,
  );
  assert.ok(above(figures) < 0, `${above(figures)} starts of Node above one`);
});

test("dkms --version starts quickly", async () => {
  const figures = await measure({ bare, program: dkms("--version") }, rounds);
  assert.ok(above(figures) < 0.6, `${above(figures)} starts of Node above one`);
});

test("dkms status tells of 100 pairs at once, and starts no other program for it", async () => {
  const trees = await layOut("hundred", 20, 5);
  const { stdout } = await run([node, join(programs, "bin/dkms"), "status", ...trees]);
  const lines = stdout.trim().split("\n");
  assert.is(lines.length, 100);
  assert.ok(
    lines.every((line) => line.endsWith(": installed")),
    stdout,
  );
  const traced = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", join(folder, "started")];
  await need([...traced, node, join(programs, "bin/dkms"), "status", ...trees]);
  assert.is(readFileSync(join(folder, "started"), "utf8").match(/execve\(/g)?.length, 1);
  const figures = await measure({ bare, program: dkms("status", ...trees) }, rounds);
  assert.ok(above(figures) < 1.6, `${above(figures)} starts of Node above one`);
});

test("what dkms status takes grows with the pairs and no faster", async () => {
  const few = await layOut("few", 2, 5);
  const many = await layOut("many", 60, 10);
  const figures = await measure({ bare, few: dkms("status", ...few), many: dkms("status", ...many) }, rounds);
  const each = (figures.many.leastCpu - figures.few.leastCpu) / (600 - 10) / figures.bare.leastCpu;
  assert.ok(each < 1 / 120, `${each} starts of Node for each pair`);
});

test("each program loads little before it knows that it has work", () => {
  const size = (name: string): number => statSync(join(programs, "lib", name)).size;
  assert.ok(size("dkms-install.js") + size("start.js") < 40_000, `${size("start.js")} bytes for every hook`);
  assert.ok(size("dkms.js") + size("start.js") + size("status.js") < 150_000, `${size("status.js")} bytes for status`);
});

test("no program needs anything that is not in the bundles", async () => {
  for (const name of readdirSync(join(programs, "bin"))) {
    const { status, stderr } = await run([node, join(programs, "bin", name), "--help"]);
    assert.not.match(stderr, /Cannot find module|ERR_|has a bug/);
    assert.ok(status !== null && status <= 2, `${name} --help ends with ${status}: ${stderr}`);
  }
});

test.run();
