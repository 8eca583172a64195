import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpretOwnSettings } from "../../../src/model/settings/own-settings.ts";
import type { HealthFinding } from "../../../src/model/health/health.ts";
import { readFrameworkConf, readLateSettings } from "../../../src/observe/settings/framework-conf.ts";
import { doctorJson } from "../../../src/tell/doctor/json.ts";
import { doctorLines } from "../../../src/tell/doctor/doctor.ts";
import { namedSettings, settingLines } from "../../../src/tell/setting-lines.ts";

const finding: HealthFinding = {
  code: "headers-missing",
  severity: "error",
  subject: "6.1",
  what: "The headers\u001b[2J are missing.",
  why: "Nothing can be built.",
  fix: "pacman -S linux-headers",
};

test("findings in lines, with what fixes them, and a count", () => {
  const lines = doctorLines([finding, finding, { ...finding, severity: "note" }]).map(({ text }) => text);
  assert.equal(lines.slice(0, 3), [
    "==> ERROR: The headers?[2J are missing.",
    "  -> Nothing can be built.",
    "  -> Fix: pacman -S linux-headers",
  ]);
  assert.is(lines.at(-1), "2 errors, 1 note");
  assert.equal(doctorLines([]), [{ stream: "out", text: "No problems found." }]);
});

test("findings and settings as JSON", () => {
  const setting = { file: "framework.conf", name: "dkms_tree", value: "/d", from: "default" } as const;
  assert.equal(JSON.parse(doctorJson({ findings: [finding], boot: undefined, settings: [setting] })), {
    format: 1,
    healthy: false,
    boot: null,
    findings: [finding],
    settings: [setting],
  });
  assert.is(JSON.parse(doctorJson({ findings: [], boot: undefined, settings: [] })).healthy, true);
  const note = { ...finding, severity: "note" } as const;
  assert.is(JSON.parse(doctorJson({ findings: [note], boot: undefined, settings: [] })).healthy, true);
});

test("every setting under the name that its file gives it, with where it came from", async () => {
  const environment = { PATH: process.env["PATH"] ?? "", parallel_jobs: "3" };
  const framework = await readFrameworkConf("/nonexistent", { environment });
  const late = await readLateSettings([], {}, { environment });
  const own = interpretOwnSettings({ Build: { Writable: "/a /b" } }, "/etc/dkms-alpm.conf");
  const settings = namedSettings(framework, late, own);
  const find = (name: string): unknown => settings.find((setting) => setting.name === name);
  assert.equal(find("parallel_jobs"), {
    file: "framework.conf",
    name: "parallel_jobs",
    value: "3",
    from: "environment",
  });
  assert.equal(find("sign_file"), { file: "framework.conf", name: "sign_file", value: "", from: "default" });
  assert.equal(find("[Build] Writable"), {
    file: "dkms-alpm.conf",
    name: "[Build] Writable",
    value: "/a /b",
    from: "/etc/dkms-alpm.conf",
  });
  const names = new Set(settings.filter(({ file }) => file === "dkms-alpm.conf").map(({ name }) => name));
  for (const name of ["[Build] Sandbox", "[Build] Kernels", "[Guard] TimeLimit"]) assert.is(names.has(name), true);
  const lines = settingLines(settings.filter(({ name }) => name.endsWith("_tree")));
  assert.match(lines[0] ?? "", /^source_tree = \/usr\/src +\(default\)$/);
  assert.is(new Set(lines.map((line) => line.indexOf("("))).size, 1);
});

test.run();
