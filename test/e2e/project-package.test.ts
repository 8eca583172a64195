/** What the project's package puts on a machine. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { projectMachine } from "./project-package.ts";

const machine = await projectMachine();
const hooks = machine.list("/usr/share/libalpm/hooks");

test("the package brings hooks, and every program that they call", () => {
  assert.ok(hooks.includes("70-dkms-install.hook"), hooks.join(" "));
  for (const hook of hooks) {
    const text = machine.read(`/usr/share/libalpm/hooks/${hook}`);
    // Exec = /bin/sh -c 'exec /usr/lib/dkms-alpm/run-hook PROGRAM'
    const [, starter = "", program = ""] = /(\/usr\/lib\/dkms-alpm\/[\w./-]+) ([\w-]+)/.exec(text) ?? [];
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

test("every program has a manual page and completions in three shells", () => {
  const pages = [1, 5, 7, 8].flatMap((section) => machine.list(`/usr/share/man/man${section}`));
  for (const program of machine.list("/usr/lib/dkms-alpm/bin")) {
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
  for (const page of ["dkms.conf.5", "framework.conf.5", "dkms-alpm.conf.5", "dkms-alpm.7"]) {
    assert.ok(
      pages.some((name) => name.startsWith(page)),
      page,
    );
  }
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
