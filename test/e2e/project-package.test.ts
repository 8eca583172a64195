/** What the project's package puts on a machine. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "./command.ts";
import { projectMachine, projectPackage } from "./project-package.ts";

const machine = await projectMachine();
const hooks = machine.list("/usr/share/libalpm/hooks");

test("the package brings hooks, and every program that they call", () => {
  assert.ok(hooks.includes("70-dkms-install.hook"), hooks.join(" "));
  for (const hook of hooks) {
    const text = machine.read(`/usr/share/libalpm/hooks/${hook}`);
    // Exec = /bin/sh -c 'exec /usr/lib/dkms-alpm/run-hook PROGRAM'
    const [, starter = "", program = ""] =
      /(\/usr\/lib\/dkms-alpm\/[\w./-]+) (?:--of \$PPID )?([\w-]+)/.exec(text) ?? [];
    assert.ok(machine.exists(starter), `${hook} calls ${starter}`);
    assert.ok(machine.exists(`/usr/lib/dkms-alpm/bin/${program}`), `${hook} calls ${program}`);
  }
});

test("its programs do not look for Node on PATH", () => {
  for (const name of machine.list("/usr/lib/dkms-alpm/bin")) {
    assert.match(machine.read(`/usr/lib/dkms-alpm/bin/${name}`), /^#!\/usr\/bin\/node\n/, name);
  }
});

test("the command runs from the package alone", async () => {
  assert.not.ok(machine.exists(`${import.meta.dirname}/machine.ts`), "the checkout is hidden in the machine");
  const version = await machine.run(["/usr/bin/dkms", "--version"]);
  assert.is(version.status, 0, version.output);
});

test("it stands for dkms, and licences come with it", async () => {
  assert.is((await machine.run(["pacman", "-T", "dkms>=3.4"])).status, 0);
  assert.equal(machine.list("/usr/share/licenses/dkms-alpm"), ["LICENSE", "THIRD-PARTY-LICENSES"]);
  assert.match(machine.read("/usr/share/licenses/dkms-alpm/THIRD-PARTY-LICENSES"), /^execa$/m);
});

test("every program on PATH has a manual page and completions in three shells", () => {
  const pages = [1, 5, 7, 8].flatMap((section) => machine.list(`/usr/share/man/man${section}`));
  for (const program of ["dkms", "dkms-hookgen", "dkms-pkgbuild"]) {
    assert.ok(
      pages.some((page) => page.startsWith(`${program}.`)),
      `manual page of ${program}`,
    );
    for (const file of [
      `bash-completion/completions/${program}`,
      `zsh/site-functions/_${program}`,
      `fish/vendor_completions.d/${program}.fish`,
    ]) {
      assert.ok(machine.exists(`/usr/share/${file}`), file);
    }
  }
  assert.equal(
    machine.tree("/usr/share").filter((path) => /completion|site-functions/.test(path) && /dkms-guard/.test(path)),
    [],
  );
  for (const page of ["dkms.conf.5", "framework.conf.5", "dkms-alpm.conf.5", "dkms-alpm.7", "dkms-alpm-hooks.8"]) {
    assert.ok(
      pages.some((name) => name.startsWith(page)),
      page,
    );
  }
});

test("links to how-tos lead to them", () => {
  const folder = "/usr/share/doc/dkms-alpm";
  const links = machine
    .list(folder)
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => [...machine.read(`${folder}/${name}`).matchAll(/\]\(([\w./-]+\.(?:md|svg))\)/g)])
    .map(([, link = ""]) => link);
  assert.ok(links.includes("zfs-root.md") && links.includes("recording.svg"), links.join(" "));
  for (const link of links) assert.ok(machine.exists(`${folder}/${link}`), link);
});

/** What namcap would say, as far as it can be known without it. */
test("the package keeps the rules that packages of Arch keep", async () => {
  const archive = await projectPackage();
  const info = await need(["bsdtar", "-xOf", archive, ".PKGINFO"]);
  assert.match(info, /^license = MIT AND Apache-2\.0 AND ISC$/m);
  const depends = new Set([...info.matchAll(/^depend = ([\w-]+)/gm)].map(([, name = ""]) => name));
  const lines = (await need(["bsdtar", "--numeric-owner", "-tvf", archive])).trimEnd().split("\n");
  const entries = lines.map((line) => {
    const [, mode = "", owner = "", path = "", target] =
      /^(\S+) +\d+ +(\d+ +\d+) +\d+ +\w+ +\d+ +\S+ (.*?)(?: (?:->|link to) (.*))?$/.exec(line) ?? [];
    return { mode, owner: owner.replace(/ +/, ":"), path, target };
  });
  const paths = entries.map(({ path }) => path);
  assert.ok(paths.length > 100);
  for (const { mode, owner, path, target } of entries) {
    if (path.startsWith(".")) continue;
    assert.is(owner, "0:0", path);
    assert.match(path, /^(usr|etc)\//, "no other directory");
    assert.match(mode, /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx)$/, path);
    if (target !== undefined) assert.not.match(target, /^\//, `${path} is an absolute link`);
    if (mode.startsWith("d"))
      assert.ok(
        paths.some((other) => other !== path && other.startsWith(path)),
        `${path} is empty`,
      );
  }
  for (const path of paths.filter((name) => name.startsWith("etc/") && !name.endsWith("/"))) {
    assert.match(info, `\nbackup = ${path}\n`);
  }
  for (const file of ["LICENSE", "THIRD-PARTY-LICENSES"]) {
    assert.ok(paths.includes(`usr/share/licenses/dkms-alpm/${file}`), file);
  }
  assert.ok(paths.includes("usr/share/doc/dkms-alpm/zfs-root.md"));
  const owners: Readonly<Record<string, string>> = {
    "/usr/bin/node": "nodejs",
    "/bin/sh": "bash",
    "/bin/bash": "bash",
  };
  for (const { path } of entries.filter(({ mode }) => mode.startsWith("-rwx"))) {
    const [, interpreter = ""] = /^#!(\S+)/.exec(machine.read(`/${path}`)) ?? [];
    assert.ok(depends.has(owners[interpreter] ?? "none"), `${path} needs ${interpreter}`);
  }
  const text = await need(["bsdtar", "-xOf", archive, "usr"]);
  assert.not.match(text, /\/pkgbuild\/(src|pkg)\//, "a path of the build");
});

test("removing it leaves nothing of its own behind", async () => {
  const removed = await machine.pacman("-R", "dkms-alpm");
  assert.is(removed.status, 0, removed.output);
  for (const path of ["/usr/lib/dkms-alpm", "/usr/bin/dkms", "/usr/bin/dkms-hookgen"]) {
    assert.not.ok(machine.exists(path), path);
  }
  assert.equal(machine.list("/usr/share/libalpm/hooks"), []);
  const left = ["man", "bash-completion", "zsh/site-functions", "fish/vendor_completions.d"].flatMap((folder) =>
    machine.tree(`/usr/share/${folder}`).filter((path) => /(^|\/)_?dkms/.test(path)),
  );
  assert.equal(left, []);
});

test.run();
