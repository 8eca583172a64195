/** The commands of docs/fleets.md, typed as they stand on the machine that builds; names of kernels and files are this machine's. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, older, scenario } from "../scenario.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/fleets.md"), "utf8");
const zfs = await tinyModule({ name: "zfs", moduleVersion: "2.2.2" });

/** What the page calls things, and what they are called here; kernels of these tests have modules that are not compressed. */
const names: readonly (readonly [there: string, here: string])[] = [
  ["6.6.1-arch1-1", older],
  ["6.6.1.arch1.1", older.replaceAll("-", ".")],
  ["zfs.ko.zst", "zfs.ko"],
  ["linux-6.6.2.arch1-1-x86_64.pkg.tar.zst", linux.kernel.split("/").at(-1) ?? ""],
];

function commands(pattern: RegExp): string {
  const block = [...page.matchAll(/```sh\n(.*?)```/gs)].find(([, text = ""]) => pattern.test(text))?.[1] ?? "";
  return names.reduce((text, [there, here]) => text.replaceAll(there, here), block);
}

scenario("what the page tells works", [...linux.both, zfs], async (machine) => {
  const type = (text: string): Promise<string> =>
    machine.need(["bash", "-ec", `pacman() { command pacman --noconfirm "$@"; }\n${text}`], { cwd: "/opt" });
  assert.match(await type(commands(/pacman -Qo/)), /zfs\.ko is owned by zfs-dkms-modules-linux/);
  await machine.need(["mkdir", "-p", "/var/cache/pacman/pkg"]);
  await machine.need(["cp", linux.kernel, "/var/cache/pacman/pkg"]);
  await type(commands(/repo-add/));
  const listed = await machine.need(["bsdtar", "-tf", "/srv/fleet/fleet.db.tar.gz"]);
  assert.match(listed, /^zfs-dkms-modules-linux-2\.2\.2\.k/m);
  assert.match(listed, /^linux-6/m);
  const [, tarball = ""] = /`(dkms mktarball [^`]+)`/.exec(page) ?? [];
  assert.match(
    await type(names.reduce((text, [there, here]) => text.replaceAll(there, here), tarball)),
    /\.dkms\.tar\.gz/,
  );
});

test.run();
