/** The import table of the house is enforced by .oxlintrc.json; these rows show that each of its rules bites. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const project = resolve(import.meta.dirname, "..");

type Row = readonly [file: string, source: string];

const forbidden: readonly Row[] = [
  ["src/model/pair.ts", `import { readFileSync } from "node:fs";`],
  ["src/model/pair.ts", `import { plan } from "../decide/plan.ts";`],
  ["src/model/pair.ts", `import { matchTargets } from "../alpm/target-match.ts";`],
  ["src/model/kernel/pair.ts", `import { plan } from "../../decide/plan/plan.ts";`],
  ["src/alpm/targets.ts", `import { readFileSync } from "node:fs";`],
  ["src/alpm/targets.ts", `import { readFile } from "../system/files.ts";`],
  ["src/decide/plan/plan.ts", `import { hostname } from "node:os";`],
  ["src/decide/plan/plan.ts", `import { coerce } from "semver/functions/coerce.js";`],
  ["src/decide/doctor/doctor.ts", `import { glob } from "fast-glob";`],
  ["src/decide/plan/plan.ts", `import { readFile } from "../system/files.ts";`],
  ["src/decide/plan/plan.ts", `import { report } from "../tell/report.ts";`],
  ["src/decide/plan/plan.ts", `import { readWorld } from "../observe/world.ts";`],
  ["src/decide/boot/boot.ts", `import { name } from "../guard/guard.ts";`],
  ["src/decide/check/check.ts", `import { name } from "../doctor/doctor.ts";`],
  ["src/decide/doctor/doctor.ts", `import { name } from "../guard/guard.ts";`],
  ["src/decide/guard/guard.ts", `import { name } from "../plan/plan.ts";`],
  ["src/decide/hints/hints.ts", `import { name } from "../plan/plan.ts";`],
  ["src/decide/hook/hook.ts", `import { name } from "../guard/guard.ts";`],
  ["src/decide/hookgen/hookgen.ts", `import { name } from "../plan/plan.ts";`],
  ["src/decide/initramfs/initramfs.ts", `import { name } from "../plan/plan.ts";`],
  ["src/decide/outlook/outlook.ts", `import { name } from "../boot/boot.ts";`],
  ["src/decide/packaging/packaging.ts", `import { name } from "../plan/plan.ts";`],
  ["src/decide/plan/plan.ts", `import { name } from "../boot/boot.ts";`],
  ["src/decide/prune/prune.ts", `import { name } from "../doctor/doctor.ts";`],
  ["src/decide/unfinished/unfinished.ts", `import { name } from "../plan/plan.ts";`],
  ["src/tell/report.ts", `import { spawn } from "node:child_process";`],
  ["src/tell/report.ts", `import { readFile } from "../system/files.ts";`],
  ["src/observe/world.ts", `import { readdirSync } from "node:fs";`],
  ["src/observe/world.ts", `import { removeTree } from "../system/writing/file-changes.ts";`],
  ["src/observe/world.ts", `import { execute } from "../act/execute.ts";`],
  ["src/observe/world.ts", `import { plan } from "../decide/plan.ts";`],
  ["src/act/execute.ts", `import { execa } from "execa";`],
  ["src/act/execute.ts", `import { glob } from "fast-glob";`],
  ["src/act/compile/compile.ts", `import { plan } from "../../decide/plan.ts";`],
  ["src/act/compile/compile.ts", `import { report } from "../../tell/report.ts";`],
  ["src/act/execute.ts", `import { run } from "../cli/run.ts";`],
  ["src/system/files/files.ts", `import { readWorld } from "../observe/world.ts";`],
  ["src/system/start/launch.ts", `import { readWorld } from "../../observe/world.ts";`],
  ["src/system/files/files.ts", `import { wordsplit } from "../alpm/wordsplit.ts";`],
  ["src/cli/walk/run.ts", `import { readFileSync } from "node:fs";`],
  ["src/cli/walk/run.ts", `import { options } from "../hook/options.ts";`],
  ["src/cli/walk/run.ts", `import { writeAtomically } from "../../system/writing/file-changes.ts";`],
  ["src/cli/guard/run.ts", `import { saveReport } from "../hook/saved-report.ts";`],
  ["src/cli/dkms/dkms.ts", `import { policyOf } from "../guard/policy.ts";`],
  ["src/cli/dkms/check/upgrade.ts", `import { policyOf } from "../../guard/policy.ts";`],
  ["src/cli/dkms/check/upgrade.ts", `import { writeAtomically } from "../../../system/writing/file-changes.ts";`],
  ["src/cli/frame/settings.ts", `import { run } from "../walk/run.ts";`],
  ["src/cli/frame/settings.ts", `import { options } from "../hook/options.ts";`],
  ["src/bin/dkms.ts", `import { plan } from "../decide/plan.ts";`],
  ["src/tell/report.ts", `export const directory = process.cwd();`],
];

const allowed: readonly Row[] = [
  ["src/cli/guard/run.ts", `import { judgeTransaction } from "../../decide/guard/judgement.ts";`],
  ["src/cli/dkms/check/upgrade.ts", `import { gatherEvidence } from "../../walk/evidence.ts";`],
  ["src/cli/dkms/check/upgrade.ts", `import { runStatus } from "../status/status.ts";`],
  ["src/cli/walk/run.ts", `import { locked } from "../frame/locked.ts";`],
  ["src/model/kernel/kernel.ts", `import { isName } from "../names.ts";`],
  ["src/cli/walk/run.ts", `import { plan } from "../decide/plan.ts";`],
  ["src/act/execute.ts", `import { readTree } from "../observe/tree.ts";`],
  ["src/observe/world.ts", `import { readFile } from "../system/files.ts";`],
  ["src/decide/prune/prune.ts", `import { plan } from "../plan/plan.ts";`],
  ["src/decide/guard/judgement.ts", `import { judge } from "../boot/judgement.ts";`],
  ["src/decide/doctor/doctor.ts", `import { coerce } from "semver/functions/coerce.js";`],
  ["src/decide/plan/plan.ts", `import { vercmp } from "../alpm/vercmp.ts";`],
  ["src/system/files/files.ts", `import { readFileSync } from "node:fs";`],
];

/** The rows that oxlint complains of, all linted in one run: each row becomes a file of its own in the folder that it names. */
function complaints(rows: readonly Row[]): ReadonlySet<Row> {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-layers-"));
  try {
    cpSync(join(project, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    const names = rows.map(([file], index) => `${dirname(file)}/row-${index}.ts`);
    for (const [index, [, source]] of rows.entries()) {
      const path = join(folder, names[index] ?? "");
      const name = /\{ (\w+) \}/.exec(source)?.[1];
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${source}\n${name === undefined ? "" : `export const used = ${name};\n`}`);
    }
    const command = join(project, "node_modules/.bin/oxlint");
    const { stdout } = spawnSync(command, ["--quiet", "--format", "unix"], { cwd: folder, encoding: "utf8" });
    return new Set(rows.filter((_, index) => stdout.includes(`${names[index]}:`)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("every program of cli stands behind the wall between programs", () => {
  const walls = readFileSync(join(project, ".oxlintrc.json"), "utf8");
  const programs = readdirSync(join(project, "src/cli")).filter((name) => name !== "frame" && name !== "walk");
  assert.ok(walls.includes(`(\\\\.\\\\./)+(${programs.toSorted().join("|")})/`));
});

test("every subject of decide has its wall", () => {
  const walls = readFileSync(join(project, ".oxlintrc.json"), "utf8");
  for (const subject of readdirSync(join(project, "src/decide")))
    assert.ok(walls.includes(`"src/decide/${subject}/**"`), subject);
});

const refused = complaints([...forbidden, ...allowed]);
for (const row of forbidden) test(`${row[0]} may not: ${row[1]}`, () => assert.ok(refused.has(row)));
for (const row of allowed) test(`${row[0]} may: ${row[1]}`, () => assert.not.ok(refused.has(row)));

test.run();
