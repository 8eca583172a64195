/** What the guard does between the hook's start and the first make, counted: the same on a slow machine as on a fast one. */
import * as assert from "uvu/assert";
import { test } from "uvu";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const another = await tinyModule({ name: "another", moduleVersion: "1.0" });

scenario("a kernel with its headers: few programs are started before the first make", linux.both, async (machine) => {
  await machine.commit("-U", tiny, another);
  const calls = ["-f", "-qq", "-s", "400", "-e", "trace=execve", "-o", "/trace"];
  await machine.need(["strace", ...calls, "pacman", "--noconfirm", "-U", ...linuxNext.both], { timeout: 600 });
  const programs = startedPrograms(machine.read("/trace"));
  const begun = programs.findIndex((words) => words.startsWith('"/usr/lib/dkms-alpm/run-hook"'));
  const made = programs.findIndex((words) => words.includes('"make"') && words.includes("KERNELRELEASE="));
  assert.ok(begun !== -1 && made > begun, `${programs.length} programs`);
  const before = programs.slice(begun, made);

  const said = before.map((words) => words.slice(0, 160)).join("\n");
  // Two builds prepare themselves at once; nothing else is done twice.
  assert.ok(before.length <= 55, `${before.length} programs:\n${said}`);
  const unpacked = before.filter((words) => words.includes('"-xpf"'));
  assert.is(unpacked.length, 1, said);
  assert.match(unpacked[0] ?? "", "--exclude=^usr/lib/firmware");
  // One for each of the programs among headers, one that shows that it works here, one for conf files, one for each build.
  assert.ok(before.filter((words) => words.includes('bwrap"')).length <= 8, said);
});

/** The words of every program that was started, in their order. */
function startedPrograms(trace: string): readonly string[] {
  const calls = trace.split("\n").filter((line) => line.includes(" execve(") && !line.includes(" ENOENT "));
  return calls.flatMap((line) => /execve\((.*)\], 0x/.exec(line)?.[1] ?? []);
}

test.run();
