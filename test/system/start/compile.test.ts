/** The compiled form of the bundle: made for one Node and the very files that are there, and passed over for any other. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { identityLine } from "../../../src/system/files/stat-index.ts";
import type { Contents } from "../../../src/system/start/compiled-code.ts";
import { buildPrograms } from "../../bench/laid-out.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-start-"));
const pristine = join(folder, "pristine");
let count = 0;

test.before(() => buildPrograms(pristine));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the programs for one test. */
function programs(): string {
  count += 1;
  const home = join(folder, String(count));
  cpSync(pristine, home, { recursive: true });
  return home;
}

function run(home: string, file: string, ...words: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(home, file), ...words], { encoding: "utf8" });
}

function version(home: string): string {
  const { status, stdout, stderr } = run(home, "bin/dkms", "--version");
  assert.is(status, 0, stderr);
  return stdout;
}

function compile(home: string): string {
  const { status, stdout, stderr } = run(home, "lib/compile.js");
  assert.is(status, 0, stderr);
  assert.is(stdout + stderr, "");
  return join(home, "compiled-code");
}

/** The first line of the file, and all bytes behind it. */
function parts(file: string): { contents: Contents; code: Buffer } {
  const bytes = readFileSync(file);
  const end = bytes.indexOf("\n");
  return { contents: JSON.parse(bytes.toString("utf8", 0, end)) as Contents, code: bytes.subarray(end + 1) };
}

function put(file: string, contents: Contents, code: Buffer): void {
  writeFileSync(file, Buffer.concat([Buffer.from(`${JSON.stringify(contents)}\n`), code]));
}

/** The same number of bytes with another version in them: V8 itself takes code for any source of its length. */
function doctor(home: string): string {
  const chunk = readdirSync(join(home, "lib"))
    .map((name) => join(home, "lib", name))
    .find((path) => readFileSync(path, "utf8").includes('"0.1.0"'));
  if (chunk === undefined) throw new Error("no chunk has the version");
  const text = readFileSync(chunk, "utf8");
  rmSync(chunk);
  writeFileSync(chunk, text.replace('"0.1.0"', '"0.9.9"'));
  return chunk;
}

test("every chunk is compiled whole, and each program says the same with it as without", () => {
  const home = programs();
  const words = readdirSync(join(home, "bin")).map((name) => run(home, `bin/${name}`, "--help"));
  const { contents, code } = parts(compile(home));
  assert.is(contents.size, code.length);
  const chunks = readdirSync(join(home, "lib")).filter((name) => name !== "compile.js");
  assert.equal(Object.keys(contents.chunks).toSorted(), chunks.toSorted());
  // Functions that nobody has called are in it: without them it would be smaller than the sources.
  const sources = chunks.reduce((sum, name) => sum + statSync(join(home, "lib", name)).size, 0);
  assert.ok(code.length > 1.5 * sources, `${code.length} bytes of ${sources}`);
  for (const [index, name] of readdirSync(join(home, "bin")).entries()) {
    const { stdout, stderr, status } = run(home, `bin/${name}`, "--help");
    assert.equal([stdout, stderr, status], [words[index]?.stdout, words[index]?.stderr, words[index]?.status]);
  }
});

/** Programs whose compiled code is of another version than their files, and is said to be of these: what runs tells which of the two was taken. */
function misled(): { home: string; file: string; contents: Contents; code: Buffer; compiled: string; own: string } {
  const home = programs();
  const file = compile(home);
  const compiled = version(home);
  const chunk = doctor(home);
  const own = version(home);
  const { contents, code } = parts(file);
  const name = basename(chunk);
  const known = contents.chunks[name];
  if (known === undefined) throw new Error(`${name} was not compiled`);
  const chunks = { ...contents.chunks, [name]: { ...known, identity: identityLine(chunk) ?? "" } };
  return { home, file, contents: { ...contents, chunks }, code, compiled, own };
}

test("it is what runs, as long as the file is the one that was compiled", () => {
  const { home, file, contents, code, compiled, own } = misled();
  assert.match(own, "0.9.9", "a file in the place of another one is taken as it is");
  put(file, contents, code);
  assert.is(version(home), compiled, "said to be of this file, the code of the other one is run");
  compile(home);
  assert.is(version(home), own);
});

test("what is for another Node, cut off or no code at all is passed over", () => {
  const { home, file, contents, code, compiled, own } = misled();
  put(file, contents, code);
  assert.is(version(home), compiled);
  put(file, { ...contents, node: contents.node.replace(/^v\d+/, "v0") }, code);
  assert.is(version(home), own, "another version of Node");
  put(file, { ...contents, node: contents.node.replace(/ \S+$/, " 1") }, code);
  assert.is(version(home), own, "another program of the same version");
  put(file, contents, code.subarray(0, -1));
  assert.is(version(home), own, "cut off");
  put(file, { ...contents, size: contents.size + 1 }, code);
  assert.is(version(home), own, "longer than it says");
  for (const text of ["", "\n", "{}\n", "null\n", "x".repeat(100_000), '{"format":1,"size":0}\n']) {
    writeFileSync(file, text);
    assert.is(version(home), own, text.slice(0, 30));
  }
  rmSync(file);
  mkdirSync(file);
  assert.is(version(home), own, "a directory");
});

test("where it cannot be written, that is told, and nothing is left that is not for this Node", () => {
  const home = programs();
  const file = compile(home);
  mkdirSync(`${file}.new/inside`, { recursive: true });
  const { status, stderr } = run(home, "lib/compile.js");
  assert.is(status, 1);
  assert.match(stderr, /^==> WARNING: dkms-alpm could not be compiled for Node\.js v[\d.]+: .*compiled-code\.new/);
  assert.match(stderr, "  -> It works as before, and every start takes a little longer.\n");
  assert.not.ok(existsSync(file));
  assert.not.ok(existsSync(`${file}.new`));
  compile(home);
});

test("what was left half written is written anew", () => {
  const home = programs();
  const file = compile(home);
  writeFileSync(`${file}.new`, "half");
  rmSync(file);
  compile(home);
  assert.ok(existsSync(file));
  assert.not.ok(existsSync(`${file}.new`));
});

test.run();
