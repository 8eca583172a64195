/** Rows of tables: one situation, one command, the exit code of both programs, and what is true afterwards. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import type { CommandResult } from "../command.ts";
import type { Machine } from "../machine.ts";
import { kernels, modules } from "./cast.ts";
import { type MadeUpKernel, madeUpKernels } from "./made-up-kernels.ts";
import { type MadeUpModule, madeUpModules } from "./made-up-modules.ts";
import { type Program, programs, running, type Twins } from "./twins.ts";

export interface Row {
  /** What the row is about, for the test's name. */
  readonly title: string;
  /** Sources in /usr/src, by default those that generated sequences have too. */
  readonly sources?: readonly MadeUpModule[];
  readonly kernels?: readonly MadeUpKernel[];
  /** Commands that come first, each a line for a shell. */
  readonly before?: readonly string[];
  /** The command in question, a line for a shell: `dkms build plain/1.0`. */
  readonly run: string;
  /** Its exit code. */
  readonly exit: number;
  /** What the reference does instead, and why. Without it both must do the same. */
  readonly reference?: Difference;
  /** What our output contains, both streams. */
  readonly tells?: RegExp;
  /** What `dkms status` prints afterwards, line for line. */
  readonly status?: readonly string[];
  /** Paths that are there afterwards and, with a `!` before them, that are not. */
  readonly paths?: readonly string[];
  /** A shell command that must succeed afterwards. */
  readonly proof?: string;
}

/** How the reference, Debian's 3.0.10, differs in a row: in what the row says and it has, and in nothing else. */
export interface Difference {
  readonly exit?: number;
  readonly status?: readonly string[];
  /** Other paths than the row's, or its proof fails: both are those of ours then. */
  readonly leaves?: "other files";
  readonly because: string;
}

/** The difference of every row about a command that came with 3.1. */
export const unknownCommand: Difference = { exit: 0, because: "3.0.10 has no such command, and says how it is used" };

/** Registers a test for every row; in the short form, for one in three. */
export function testRows(twins: Twins, rows: readonly Row[]): void {
  for (const row of share(rows, 3)) test(row.title, () => testRow(twins, row));
}

async function testRow(twins: Twins, row: Row): Promise<void> {
  await twins.reset([await madeUpKernels(row.kernels ?? kernels), await madeUpModules(row.sources ?? modules)]);
  const told: string[] = [];
  try {
    // One after the other: a row can leave a lock or a file where the other one looks.
    for (const program of programs) await testProgram(twins[program], program, row, told);
  } catch (error) {
    console.log(`--- ${row.title}\n${told.join("\n")}`);
    throw error;
  }
}

async function testProgram(machine: Machine, program: Program, row: Row, told: string[]): Promise<void> {
  const shell = async (line: string): Promise<CommandResult> => {
    const result = await machine.run(["bash", "-c", line], { env: { LC_ALL: "C" }, timeout: 60 });
    told.push(`${program}$ ${line}\n${result.output}(${result.status})`);
    return result;
  };
  const other = program === "reference" ? row.reference : undefined;
  for (const line of row.before ?? []) await shell(line);
  const { status, output } = await shell(row.run);
  assert.is(status, other?.exit ?? row.exit, `exit code of ${program}`);
  const expected = other?.status ?? row.status;
  if (expected !== undefined) {
    const { stdout } = await shell("dkms status");
    const lines = stdout.split("\n").filter((line) => line !== "");
    assert.equal(lines, expected, `status of ${program}`);
  }
  if (program === "ours" && row.tells !== undefined) assert.match(output, row.tells);
  const wrong = await wrongFiles(machine, row, shell);
  if (other?.leaves === undefined) assert.equal(wrong, [], `what ${program} leaves`);
  // A difference that is none any more has to leave the row.
  else assert.ok(wrong.length > 0, "the reference leaves the same files");
  if (other?.exit !== undefined) assert.is.not(other.exit, row.exit);
}

/** What of a row's paths and its proof does not hold. */
async function wrongFiles(
  machine: Machine,
  { paths = [], proof }: Row,
  shell: (line: string) => Promise<CommandResult>,
): Promise<readonly string[]> {
  const wrong = paths.filter((path) => machine.exists(path.replace(/^!/, "")) === path.startsWith("!"));
  if (proof !== undefined && (await shell(proof)).status !== 0) wrong.push(proof);
  return wrong;
}

/** A made-up module `plain/1.0` with these lines in its conf. */
export function plainWith(conf: string, files?: Readonly<Record<string, string>>): readonly MadeUpModule[] {
  return [{ name: "plain", version: "1.0", conf, ...(files === undefined ? {} : { files }) }];
}

/** `plain/1.0` with these lines in its conf is built for the running kernel. */
export function builds(title: string, conf: string, given: Partial<Row> = {}): Row {
  const status = [`plain/1.0, ${running}, x86_64: built`];
  return { title, sources: plainWith(conf), run: "dkms build plain/1.0", exit: 0, status, ...given };
}

/** A script that leaves with a status. */
export const leaving = (status: number): string => `#!/bin/sh\nexit ${status}\n`;

/** A script that writes where it runs, and with what arguments, into a file. */
export const placing = (file: string): string => `#!/bin/sh\necho "$(pwd -P): $*" >>${file}\n`;

/** A script that also writes what it sees of the environment. */
export const telling = (file: string): string =>
  `#!/bin/sh\necho "$module $module_version $kernelver $arch in $(pwd -P): $*" >>${file}\n`;
