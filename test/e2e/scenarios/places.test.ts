/** Directories that are on file systems of their own: everything works as where they are plain directories. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { createScene, installed, linux, linuxNext, newer, older, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });
const user = await tinyModule({ name: "user", moduleVersion: "1.0", conf: 'BUILD_DEPENDS[0]="tiny"\n' });

const directories = [
  "/var/lib/dkms",
  "/var/lib/dkms-alpm",
  "/var/cache/dkms-alpm",
  "/var/log/dkms-alpm",
  "/usr/src",
  "/usr/lib/modules",
  "/etc/dkms",
] as const;

/** Mounts another file system over a directory, with the same content. */
async function mountOver(machine: Scene, path: string): Promise<void> {
  const words = [
    `mkdir -p ${path} /tmp/hold`,
    `cp -a ${path}/. /tmp/hold`,
    `mount -t tmpfs -o mode=755 other ${path}`,
    `cp -a /tmp/hold/. ${path}`,
    "rm -r /tmp/hold",
  ];
  await machine.need(["sh", "-ec", words.join("\n")]);
}

async function play(machine: Scene): Promise<void> {
  await machine.commit("-U", ...linux.both);
  for (const path of directories) await mountOver(machine, path);
  await machine.commit("-U", tiny, user);
  assert.equal(await machine.status(), [installed("tiny/1.0", older), installed("user/1.0", older)]);
  machine.compiled();
  // Nothing has changed.
  await machine.commit("-U", tiny);
  assert.equal(machine.compiled(), []);
  await machine.commit("-U", tinyNext);
  await machine.commit("-U", ...linuxNext.both);
  assert.equal(await machine.status(), [installed("tiny/2.0", newer), installed("user/1.0", newer)]);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "2.0");
  const { status, output } = await machine.run(["dkms", "install", "tiny/2.0", "-k", newer, "--force"]);
  assert.is(status, 0, output);
  await machine.commit("-R", "user-dkms", "tiny-dkms");
  assert.equal(await machine.status(), []);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "");
}

test("every directory is on another file system", async () => {
  const transcript: string[] = [];
  const machine = await createScene(transcript);
  try {
    await play(machine);
  } catch (error) {
    console.log(transcript.join("\n"));
    throw error;
  } finally {
    await machine.dispose();
  }
});

test.run();
