/**
 * Directories of ours are links, mount points or on another file system: everything works as where they are plain directories.
 * `DKMS_ALPM_LONG=1` tries many cases, each of which places all of them in ways that the seed chooses.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong } from "../../form.ts";
import { seededRandom, type Random } from "../crash/random.ts";
import { tinyModule } from "../module-packages.ts";
import { createScene, installed, linux, linuxNext, newer, older, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });
/** Its script knows the tree by the usual name. */
const user = await tinyModule({
  name: "user",
  moduleVersion: "1.0",
  conf: 'BUILD_DEPENDS[0]="tiny"\nPRE_BUILD="look"\n',
  files: { look: { text: "#!/bin/sh\ntest -e /var/lib/dkms/user/1.0/source/dkms.conf\n", mode: 0o755 } },
});
const fails = await tinyModule({ name: "fails", moduleVersion: "1.0", fails: { release: newer } });

const directories = [
  "/var/lib/dkms",
  "/var/lib/dkms-alpm",
  "/var/cache/dkms-alpm",
  "/var/log/dkms-alpm",
  "/usr/src",
  "/usr/lib/modules",
  "/etc/dkms",
] as const;

/** Shell text that places the directory `$1` elsewhere, with what is in it; `$2` is a path on another file system that is free. */
const ways = {
  "another file system": 'cp -a "$1/." "$2"; mount -t tmpfs -o mode=755 other "$1"; cp -a "$2/." "$1"',
  link: 'cp -a "$1/." "$2"; rm -r "$1"; ln -s "$2" "$1"',
  "relative link": 'cp -a "$1/." "$2"; rm -r "$1"; ln -s "../../..$2" "$1"',
  "bind mount": 'cp -a "$1/." "$2"; mount --bind "$2" "$1"',
  "link to a link": 'cp -a "$1/." "$2"; rm -r "$1"; ln -s "$2" "$2.second"; ln -s "$2.second" "$1"',
  "link on the same file system": 'mv "$1" "/opt/${2##*/}"; ln -s "/opt/${2##*/}" "$1"',
  "link below /usr": 'mv "$1" "/usr/local/share/${2##*/}"; ln -s "/usr/local/share/${2##*/}" "$1"',
} as const;

type Way = keyof typeof ways | "plain";
type Case = ReadonlyMap<string, Way>;

async function arrange(machine: Scene, where: Case): Promise<void> {
  await machine.need(["sh", "-ec", "mkdir -p /srv/other; mount -t tmpfs -o mode=755 other /srv/other"]);
  for (const [index, [path, way]] of [...where].entries()) {
    if (way === "plain") continue;
    const other = `/srv/other/${index}`;
    await machine.need(["sh", "-ec", `mkdir -p "$1" "$2"; ${ways[way]}`, "sh", path, other]);
  }
}

/** pacman does not take a link for a directory of a new package unless it is told to. */
const install = ["-U", "--overwrite", "*"];

async function play(machine: Scene, where: Case): Promise<void> {
  await machine.commit("-U", ...linux.both);
  await arrange(machine, where);
  await machine.commit(...install, tiny, user);
  assert.equal(await machine.status(), [installed("tiny/1.0", older), installed("user/1.0", older)]);
  machine.compiled();
  // Nothing has changed.
  await machine.commit(...install, tiny);
  assert.equal(machine.compiled(), []);
  // The guard tests, and the hook installs what it has built.
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = fails\n");
  await machine.commit(...install, tinyNext, fails);
  machine.compiled();
  const refused = await machine.pacman(...install, ...linuxNext.both);
  assert.is(refused.status, 1, refused.output);
  assert.not.match(refused.output, /could not work|cannot be laid out|not tested/);
  machine.remove("/etc/dkms-alpm.conf");
  await machine.commit("-R", "fails-dkms");
  machine.compiled();
  const upgrade = await machine.commit(...install, ...linuxNext.both);
  assert.match(upgrade, `==> [2/2] Known to build: tiny/2.0, user/1.0 for linux ${newer}`);
  assert.equal(machine.compiled(), [], "what the guard has built is built again");
  assert.equal(await machine.status(), [installed("tiny/2.0", newer), installed("user/1.0", newer)]);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "2.0");
  await byHand(machine);
  await machine.commit("-R", "user-dkms", "tiny-dkms");
  assert.equal(await machine.status(), []);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "");
  const doctor = await machine.run(["dkms", "doctor", "-v"]);
  assert.not.match(doctor.output, "command line", "a tree of the machine passes for one of the command line");
  assert.equal(await machine.traces("/tiny"), []);
}

/** The command line does what hooks do, and by every name of the tree. */
async function byHand(machine: Scene): Promise<void> {
  const command = async (...words: readonly string[]): Promise<string> => {
    const { status, output } = await machine.run(["dkms", ...words]);
    assert.is(status, 0, `dkms ${words.join(" ")}: ${output}`);
    return output;
  };
  await command("install", "tiny/2.0", "-k", newer, "--force");
  await command("remove", "tiny/2.0", "-k", newer);
  assert.equal(await machine.status(), [installed("user/1.0", newer)]);
  const real = (await machine.need(["readlink", "-f", "/var/lib/dkms"])).trim();
  await command("install", "tiny/2.0", "-k", newer, "--dkmstree", real);
  await machine.need(["sh", "-ec", "mkdir /srv/alias; mount --bind /var/lib/dkms /srv/alias"]);
  assert.match(await command("status", "--dkmstree", "/srv/alias"), installed("tiny/2.0", newer));
  await command("install", "tiny/2.0", "-k", newer, "--force", "--dkmstree", "/srv/alias");
  await machine.need(["umount", "/srv/alias"]);
  assert.not.ok(machine.exists("/var/lib/dkms/.dkms-alpm"), "the usual tree has a second state");
  // A removed source was no person's own, by whatever name it was registered.
  const sources = (await machine.need(["readlink", "-f", "/usr/src"])).trim();
  await machine.need(["cp", "-a", "/usr/src/tiny-2.0", "/usr/src/lost-1"]);
  await machine.need([
    "sed",
    "-i",
    "s/^PACKAGE_NAME=.*/PACKAGE_NAME=lost/;s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=1/;s|tiny/2\\.0|lost/1|g",
    "/usr/src/lost-1/dkms.conf",
  ]);
  await command("add", `${sources}/lost-1`);
  await command("install", "lost/1", "-k", newer, "--force");
  await machine.need(["rm", "-r", `${sources}/lost-1`]);
  await command("prune");
  assert.equal(await machine.status(), [installed("tiny/2.0", newer), installed("user/1.0", newer)]);
}

/** One of each kind, with those that are hardest. */
const mixed: Case = new Map([
  ["/var/lib/dkms", "link"],
  ["/var/lib/dkms-alpm", "bind mount"],
  ["/var/cache/dkms-alpm", "link below /usr"],
  ["/var/log/dkms-alpm", "another file system"],
  ["/usr/src", "link to a link"],
  ["/usr/lib/modules", "another file system"],
  ["/etc/dkms", "relative link"],
]);

function* cases(random: Random): Generator<Case> {
  yield mixed;
  if (!isLong) return;
  const names: [Way, ...Way[]] = [
    "plain",
    "another file system",
    "link",
    "relative link",
    "bind mount",
    "link to a link",
    "link on the same file system",
    "link below /usr",
  ];
  for (const way of names) yield new Map(directories.map((path) => [path, way]));
  for (let count = 30; count > 0; count -= 1) yield new Map(directories.map((path) => [path, random.pick(names)]));
}

const random = seededRandom();
for (const where of cases(random)) {
  const title =
    new Set(where.values()).size === 1
      ? `everywhere: ${where.get("/usr/src")}`
      : [...where].map(([path, way]) => `${path} ${way}`).join(", ");
  test(`${title} (seed ${random.seed})`, async () => {
    const transcript: string[] = [];
    const machine = await createScene(transcript);
    try {
      await play(machine, where);
    } catch (error) {
      console.log(transcript.join("\n"));
      throw error;
    } finally {
      await machine.dispose();
    }
  });
}

test.run();
