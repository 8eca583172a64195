/** What people see of a transaction with a slow module and one that fails: no long silence, no second compilation, no wall of text. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong } from "../../form.ts";
import { generation } from "../generation.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxNext, newer, scenario } from "../scenario.ts";

/** Longer than a hook may be silent, for the new kernel only; `DKMS_ALPM_LONG=1` waits a full minute. */
const wait = isLong ? 60 : 26;

const make = (name: string): string => `make -C \${kernel_source_dir} M=\${dkms_tree}/${name}/1.0/build modules`;
const quick = await tinyModule({ name: "quick", moduleVersion: "1.0" });
const slow = await tinyModule({
  name: "slow",
  moduleVersion: "1.0",
  conf: `MAKE[0]="test \\$kernelver != ${newer} || sleep ${wait}; ${make("slow")}"\n`,
});
const broken = await tinyModule({ name: "broken", moduleVersion: "1.0", fails: { release: newer } });

/** The transcript in README, of the form that waits a minute; what is wrapped there is one line again. */
const readme = readFileSync(resolve(import.meta.dirname, "../../../README.md"), "utf8");
const transcript = (/^```\n(\(1\/2\) [^]*?)\n```$/m.exec(readme)?.[1] ?? "").replaceAll(/\n {10}/g, " ").split("\n");

/** A line without what differs between two machines, and between two runs. */
function formOf(line: string, release: string): string {
  return line
    .replaceAll(release, "RELEASE")
    .replaceAll(/\b(?:\d+ h )?(?:\d+ min )?\d+(?:\.\d+)? s\b|\b\d+ min\b/g, "TIME")
    .replace(/ \((?:took )?TIME(?: last time)?\)$/, "")
    .replace(/^( {2}-> \S+ for linux RELEASE: TIME, ).*/, "$1")
    .replace(/^(==> (?:ERROR: )?\[)\d/, "$1N")
    .replace(/(Installed from the test build: ).* for/, "$1NAMES for");
}

scenario(
  "a kernel upgrade with three modules, one slow and one that fails",
  [...linux.both, quick, slow, broken],
  async (machine) => {
    const files = linuxNext.both.join(" ");
    const timed = `pacman --noconfirm -U ${files} 2>&1 | while IFS= read -r line; do printf '%(%s)T %s\\n' -1 "$line"; done`;
    const { output } = await machine.run(["bash", "-c", timed], { timeout: 280 });
    const lines = output.trimEnd().split("\n");
    const times = lines.map((line) => Number(line.slice(0, 10)));
    const texts = lines.map((line) => line.slice(11));
    const told = texts.join("\n");

    for (const [index, time] of times.entries())
      assert.ok(time - (times[index - 1] ?? time) <= 25, `silent for long before: ${texts[index]}`);
    assert.not.match(told, /[\u0000-\u0008\u000b-\u001f]/, "control characters");
    assert.equal(
      machine.compiled().toSorted(),
      ["broken.c", "quick.c", "slow.c"].map((file) => `${file} for ${newer}`),
      "each is compiled once",
    );
    assert.equal(await machine.status(), [
      "broken/1.0: added",
      ...["quick/1.0", "slow/1.0"].flatMap((module) => [installed(module, newer)]),
    ]);
    for (const line of [
      /^==> \[\d\/3\] Test-building slow\/1\.0 for linux \S+( \(took .* last time\))?$/m,
      /^ {2}-> slow\/1\.0 for linux \S+: \d\d s, compiling/m,
      isLong
        ? /^==> \[\d\/3\] slow\/1\.0 for linux \S+ builds \(\d+ min.*\)$/m
        : /^==> \[\d\/3\] slow\/1\.0 for linux \S+ builds \((?:[2-9]\d s|\d+ min.*)\)$/m,
      /^==> \[\d\/3\] broken\/1\.0 for linux \S+ FAILS to build \(.*\)$/m,
      /^==> ERROR: \[\d\/3\] broken\/1\.0 for linux \S+ is not built: its test build failed on the same inputs; the log is \/var\/log/m,
    ]) {
      assert.match(told, line, told);
    }
    // One line, or two where the machine takes seconds to install.
    const taken = [...told.matchAll(/^==> \[\d\/3\] Installed from the test build: (.+) for linux \S+$/gm)];
    assert.equal(taken.flatMap(([, names = ""]) => names.split(", ")).toSorted(), ["quick/1.0", "slow/1.0"]);
    const ours = texts.filter((text) => /^(==>| {2}->| {5})/.test(text));
    assert.ok(ours.length <= 25, `${ours.length} lines:\n${ours.join("\n")}`);

    // It shows a kernel of that generation: newer ones have other paths in what the compiler says.
    if (generation === "newest") return;
    const printed = new Set(texts.map((text) => formOf(text, newer)));
    const release = /for linux (\S+) \(took/.exec(transcript.join("\n"))?.[1] ?? "";
    for (const line of transcript)
      assert.ok(printed.has(formOf(line, release)), `README shows what is not printed: ${line}\n${told}`);
    const shown = new Set(transcript.map((line) => formOf(line, release)));
    for (const line of ours.filter((text) => /\[\d\/3\]/.test(text)))
      assert.ok(shown.has(formOf(line, newer)), `README does not show: ${line}`);
  },
);

test.run();
