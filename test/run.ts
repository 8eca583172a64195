/**
 * Runs test files, each in a process of its own (uvu itself has neither parallelism nor time limits), and closes with `N passed, N failed`.
 *
 *   node --import tsx test/run.ts [--jobs N] [--timeout SECONDS] [--until SECONDS] [--node PATH] FILE-OR-FOLDER...
 *
 * They begin in the order of the words. After `--until`, in seconds of the clock, no file is begun any more, and those that are left are named.
 */
import { spawn } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compiled } from "./compiled.ts";
import { isLong } from "./form.ts";
import { openLayerStore } from "./layer-store.ts";

interface Result {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
  readonly seconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "2" },
    timeout: { type: "string", default: "900" },
    until: { type: "string", default: "Infinity" },
    node: { type: "string", default: process.execPath },
  },
});

/** The test files of a folder. What is called `.long.test.ts` is for the long form, and is counted where it is left out. */
function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
  const chosen = files.filter((name) => isLong || !name.endsWith(".long.test.ts"));
  if (chosen.length < files.length) {
    console.log(`${files.length - chosen.length} long files of ${path} are for scripts/test --long`);
  }
  return chosen.map((name) => join(path, name)).toSorted();
}

/** What uvu counted; a process that ends badly without a failed test (a crash, a time-out, no test at all) counts as one failure. */
function counts(output: string, exitCode: number | null): { passed: number; failed: number } {
  const total = Number(/^\s*Total:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  const passed = Number(/^\s*Passed:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  const skipped = Number(/^\s*Skipped:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  const failed = total - passed + skipped;
  return { passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed };
}

function runFile(file: string): Promise<Result> {
  const started = Date.now();
  // The certificate variable makes every start of Node some 26 ms slower, which the start-up tests would measure.
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const [program = "", ...words] = [...store.words, values.node, "--enable-source-maps", programs.programOf(file)];
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, FORCE_COLOR: "0", NODE_NO_WARNINGS: "1" },
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const timer = setTimeout(
    () => {
      output += `\n${file}: no end after ${values.timeout} s\n`;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    },
    Number(values.timeout) * 1000,
  );
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ file, output, ...counts(output, exitCode), seconds: (Date.now() - started) / 1000 });
    });
  });
}

const queue = [...new Set(positionals.flatMap(testFiles))];
const programs = await compiled(queue);
const store = await openLayerStore();
const isOver = (): boolean => Date.now() / 1000 > Number(values.until);
const results: Result[] = [];
async function worker(): Promise<void> {
  // What is taken from the queue is played: whoever looks at the clock afterwards would lose a file without a word.
  while (!isOver()) {
    const file = queue.shift();
    if (file === undefined) return;
    const result = await runFile(file);
    results.push(result);
    const verdict = result.failed === 0 ? "ok  " : "FAIL";
    console.log(
      `${verdict} ${file} (${result.passed} passed, ${result.failed} failed, ${result.seconds.toFixed(1)} s)`,
    );
    if (result.failed > 0) console.log(result.output);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
store.close();
rmSync(programs.folder, { recursive: true, force: true });
if (queue.length > 0) console.log(`NOT BEGUN for want of time, ${queue.length} files: ${queue.join(" ")}`);

let passed = 0;
let failed = 0;
for (const result of results) {
  passed += result.passed;
  failed += result.failed;
}
if (passed + failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
