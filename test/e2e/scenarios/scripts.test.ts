/** What a module wants done when it is removed is done, although pacman has deleted its source by then. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxLts, newer, older, scenario, type Scene } from "../scenario.ts";

const mark = "/var/tmp/after-remove";

/** A script that says for what it runs, and who wrote it. */
const marking = (author: string): string =>
  `#!/bin/sh\necho "${author}: $module/$module_version $kernelver" >>${mark}\n`;

const tiny = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0",
  conf: 'POST_REMOVE="after-remove.sh"\n',
  files: { "after-remove.sh": { text: marking("source"), mode: 0o755 } },
});

/** What has been marked since the last look, and for which modules copies are kept. */
async function look(machine: Scene): Promise<{ marks: string[]; kept: string[] }> {
  const marks = machine.exists(mark) ? machine.read(mark).trim().split("\n").toSorted() : [];
  await machine.need(["rm", "-f", mark]);
  return { marks, kept: await machine.traces("kept/tiny/") };
}

scenario("POST_REMOVE runs when its package goes", [...linux.both, ...linuxLts.both, tiny], async (machine) => {
  const { marks, kept } = await look(machine);
  assert.equal(marks, []);
  assert.ok(kept.some((path) => path.endsWith("/1.0/after-remove.sh")));
  await machine.commit("-R", "tiny-dkms");
  const expected = [older, newer].map((release) => `source: tiny/1.0 ${release}`);
  assert.equal(await look(machine), { marks: expected, kept: [] });
  assert.equal(await machine.traces("tiny"), []);
});

scenario("an administrator's POST_REMOVE runs instead", linux.both, async (machine) => {
  machine.write("/etc/dkms/tiny/after-remove.sh", marking("administrator"));
  await machine.need(["chmod", "755", "/etc/dkms/tiny/after-remove.sh"]);
  await machine.commit("-U", tiny);
  await machine.commit("-R", "tiny-dkms");
  assert.equal(await look(machine), { marks: [`administrator: tiny/1.0 ${older}`], kept: [] });
});

scenario("POST_REMOVE runs when dkms-alpm goes along", [...linux.both, tiny], async (machine) => {
  await machine.commit("-Rns", "tiny-dkms", "dkms-alpm");
  assert.equal(await look(machine), { marks: [`source: tiny/1.0 ${older}`], kept: [] });
});

test.run();
