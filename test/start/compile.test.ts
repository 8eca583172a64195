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
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Contents } from "../../src/start/compiled-code.ts";
import { buildPrograms } from "../bench/laid-out.ts";

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

test("it is what runs, as long as the file is the one that was compiled", () => {
  const home = programs();
  const file = compile(home);
  const before = version(home);
  const chunk = doctor(home);
  assert.match(version(home), "0.9.9", "a file in the place of another one is taken as it is");
  const { contents, code } = parts(file);
  const { size, ino, ctimeMs } = statSync(chunk);
  const name = chunk.slice(chunk.lastIndexOf("/") + 1);
  const known = contents.chunks[name];
  if (known === undefined) throw new Error(`${name} was not compiled`);
  const chunks = { ...contents.chunks, [name]: { ...known, identity: `${size} ${ino} ${ctimeMs}` } };
  put(file, { ...contents, chunks }, code);
  assert.is(version(home), before, "said to be this file's, the code of the other one is run");
  compile(home);
  assert.match(version(home), "0.9.9");
});

test("what is for another Node, cut off or no code at all is passed over", () => {
  const home = programs();
  const before = version(home);
  const file = compile(home);
  const { contents, code } = parts(file);
  const doctored = (): void => {
    assert.is(version(home), before);
    assert.is(run(home, "bin/dkms-report", "--nonsense").status, 2);
  };
  put(file, { ...contents, node: "v0.12.0 x64" }, code.fill(0));
  doctored();
  put(file, contents, code.subarray(0, 1000));
  doctored();
  for (const text of ["", "\n", "{}\n", "null\n", "x".repeat(100_000), '{"format":1,"size":0}\n']) {
    writeFileSync(file, text);
    doctored();
  }
  rmSync(file);
  mkdirSync(file);
  doctored();
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
