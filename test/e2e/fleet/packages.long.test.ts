/** What `dkms mkpkg` makes, and how it lives beside pairs that a machine has built itself. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxLts, newer, newerPattern, older, olderPattern, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0-rc1", version: "1.0rc1-1", folder: "tiny-src" });
const module = "tiny/1.0-rc1";
const name = "tiny-dkms-modules-linux";
const directory = (release: string): string => `usr/lib/modules/${release}/updates/dkms-pkg`;
const archive = (release: string, pkgrel: number): string =>
  `/opt/made/${name}-1.0rc1.k${release.replaceAll("-", ".")}-${pkgrel}-x86_64.pkg.tar.zst`;

scenario("several kernels in one package", [...linux.both, ...linuxLts.both, tiny], async (machine) => {
  // Two kernels of one package, as on a machine that keeps the running one's modules.
  machine.write(`/usr/lib/modules/${newer}/pkgbase`, "linux\n");
  await machine.need(["dkms", "unbuild", module, "-k", newer]);
  const make = ["dkms", "mkpkg", module, "-k", older, "-k", newer, "--output", "/opt/made"];

  const told = await machine.need(make);
  assert.ok(told.includes(`==> Built ${module} for ${newer}`), "what is missing is built");
  assert.ok(told.includes(`==> Package ${name} with ${older}, ${newer}: ${archive(newer, 1)}\n`), told);
  const states = (await machine.status()).map((line) => line.slice(line.indexOf(", ")));
  assert.equal(states, [`, ${older}, x86_64: installed`, `, ${newer}, x86_64: built`], "the machine stays as it is");

  const files = (await machine.need(["pacman", "-Qlqp", archive(newer, 1)])).split("\n");
  for (const release of [older, newer]) {
    assert.ok(files.includes(`/${directory(release)}/tiny.ko`), files.join(" "));
    assert.ok(files.includes(`/${directory(release)}/tiny.json`));
  }
  const about = await machine.need(["bsdtar", "-xOf", archive(newer, 1), ".PKGINFO"]);
  assert.match(
    about,
    new RegExp(`^pkgdesc = ${module} for ${olderPattern}, ${newerPattern}, built by dkms-alpm\\S* \\(GCC: .+\\)$`, "m"),
  );
  assert.not.match(about, /^depend = /m);
  const note = JSON.parse(await machine.need(["bsdtar", "-xOf", archive(newer, 1), `${directory(newer)}/tiny.json`]));
  assert.equal(
    [note.module, note.version, note.kernel, note.source.path, note.source.package],
    ["tiny", "1.0-rc1", newer, "/usr/src/tiny-src", "tiny-dkms 1.0rc1-1"],
  );
  assert.match(note.compiler, /^GCC: /);

  assert.match(await machine.need(make), /it stays/);
  assert.equal(machine.list("/opt/made").length, 1, "the same once more");
  const source = "/usr/src/tiny-src/tiny.c";
  machine.write(source, `${machine.read(source)}MODULE_INFO(more, "yes");\n`);
  await machine.need(["dkms", "build", "--force", module, "-k", newer]);
  await machine.need(make);
  assert.ok(machine.exists(archive(newer, 2)), "other objects make a newer package");
  assert.equal(machine.list("/tmp"), [], "nothing is left behind");
});

scenario("a machine switches to the package and back", [...linux.both, tiny], async (machine) => {
  await machine.need(["dkms", "mkpkg", module, "-k", older, "--output", "/opt/made"]);
  const loaded = async (): Promise<string> => (await machine.modinfo(older, "filename", "tiny")).replace(/^\/usr/, "");

  const come = await machine.commit("-U", archive(older, 1));
  assert.ok(come.includes(`==> ${module} for ${older} (x86_64) is supplied by package ${name}. Skipped.`), come);
  assert.is(await loaded(), `/lib/modules/${older}/updates/dkms-pkg/tiny.ko`);
  assert.equal(await machine.status(), [`${module}, ${older}, x86_64: built`]);
  const { supplied } = JSON.parse(await machine.need(["dkms", "status", "--json"]));
  assert.equal(supplied, [
    { module: "tiny", version: "1.0-rc1", kernel: older, arch: "x86_64", package: name, objects: ["tiny.ko"] },
  ]);
  const dry = await machine.need(["dkms", "autoinstall", "--dry-run", "-k", older]);
  assert.match(dry, new RegExp(`is supplied by package ${name}`));
  assert.is((await machine.run(["dkms", "doctor"])).stdout.includes("tiny"), false);

  const refused = await machine.run(["dkms", "install", module, "-k", older]);
  assert.equal([refused.status, refused.output.includes(`pacman -R ${name}`)], [0, false]);
  await machine.commit("-U", ...linux.both);
  assert.equal(machine.compiled(), [], "another transaction leaves it alone as well");

  await machine.commit("-R", name);
  assert.equal(await machine.status(), [`${module}, ${older}, x86_64: installed`]);
  assert.is(await loaded(), `/lib/modules/${older}/updates/dkms/tiny.ko`);
  assert.equal(machine.compiled(), [], "what was built is still there");
});

scenario("refusals change nothing", [...linux.both, tiny], async (machine) => {
  const broken = await tinyModule({ name: "broken", moduleVersion: "1", fails: "always" });
  await machine.commitWithFailure("-U", broken);
  const rows: readonly (readonly [words: string, status: number, says: RegExp])[] = [
    [`mkpkg ${module} --output /opt/made --repo /opt/made`, 2, /exclude each other/],
    [`mkpkg ${module} --repo /etc/hostname`, 2, /neither a directory/],
    ["mkpkg", 1, /needs a module/],
    ["mkpkg nobody/1", 2, /source of nobody\/1 is not there/],
    ["mkpkg broken/1", 10, /does not build/],
    [`mkpkg ${module} --key nobodys --output /opt/made`, 1, /no secret key nobodys/],
  ];
  for (const [words, status, says] of rows) {
    const kernel = words === "mkpkg" ? [] : ["-k", older];
    const result = await machine.run(["dkms", ...words.split(" "), ...kernel], { cwd: "/opt" });
    assert.is(result.status, status, `${words}: ${result.output}`);
    assert.match(result.output, says);
  }
  assert.equal(
    machine.list("/opt").filter((file) => file === "made" || file.includes("pkg.tar")),
    [],
  );
  assert.equal(machine.list("/tmp"), []);
});

test.run();
