/** Command lines of pacman, as they stand in /proc. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePacmanCommand } from "../../../../src/observe/pacman/incoming/pacman-command.ts";

interface Row {
  readonly line: string;
  readonly operation: "sync" | "upgrade" | "other";
  readonly upgrades?: number;
  readonly targets?: string;
  readonly options?: string;
  readonly caches?: string;
}

const rows: readonly Row[] = [
  { line: "pacman -Syu", operation: "sync", upgrades: 1 },
  { line: "pacman -Syyuu --noconfirm zfs-dkms", operation: "sync", upgrades: 2, targets: "zfs-dkms" },
  { line: "pacman --sync --sysupgrade", operation: "sync", upgrades: 1 },
  { line: "pacman -U ./a.pkg.tar.zst /b.pkg.tar.zst", operation: "upgrade", targets: "./a.pkg.tar.zst /b.pkg.tar.zst" },
  { line: "pacman --noconfirm -U -- -odd.pkg.tar", operation: "upgrade", targets: "-odd.pkg.tar" },
  {
    line: "pacman -S linux --ignore zfs --needed",
    operation: "sync",
    targets: "linux",
    options: "--ignore=zfs --needed",
  },
  { line: "pacman -b /db -Su", operation: "sync", upgrades: 1, options: "--dbpath=/db" },
  { line: "pacman -Sub/db linux", operation: "sync", upgrades: 1, targets: "linux", options: "--dbpath=/db" },
  { line: "pacman -r /mnt -S linux", operation: "sync", targets: "linux", options: "--root=/mnt" },
  {
    line: "pacman --config=/c --cachedir /x --cachedir=/y -Su",
    operation: "sync",
    upgrades: 1,
    options: "--config=/c --cachedir=/x --cachedir=/y",
    caches: "/x /y",
  },
  { line: "pacman -S --overwrite * --hookdir /h --color never linux", operation: "sync", targets: "linux" },
  { line: "pacman -Sudd", operation: "sync", upgrades: 1, options: "-d -d" },
  { line: "pacman -Rns zfs-dkms", operation: "other", targets: "zfs-dkms" },
  { line: "pacman", operation: "other" },
];

for (const row of rows) {
  test(row.line, () => {
    const command = parsePacmanCommand(row.line.split(" "));
    assert.is(command.operation, row.operation);
    assert.is(command.sysupgrades, row.upgrades ?? 0);
    assert.is(command.targets.join(" "), row.targets ?? "");
    assert.is(command.options.join(" "), row.options ?? "");
    assert.is(command.cacheDirectories.join(" "), row.caches ?? "");
  });
}

test("only options that say which database is meant are given to a query", () => {
  const { database, config } = parsePacmanCommand("pacman -Su --config /c --dbpath /d --ignore a".split(" "));
  assert.equal(database, ["--config=/c", "--dbpath=/d"]);
  assert.is(config, "/c");
});

test.run();
