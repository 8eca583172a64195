/** The manual pages: no formatter has anything to say, and everything that can be given is described. */
import { readdirSync, readFileSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { generate } from "../../scripts/generate.ts";
import { programs, visibleCommands, visibleOptions } from "../../scripts/generate/programs.ts";
import { dkmsProgram } from "../../src/cli/dkms/commands.ts";
import { frameworkKeys } from "../../src/model/settings/framework-settings.ts";
import { ownKeys } from "../../src/model/settings/own-settings.ts";
import { directiveNames } from "../../src/model/conf/raw-conf.ts";
import { runCommand } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-manual-"));
test.after(() => rmSync(folder, { recursive: true }));
generate(resolve(import.meta.dirname, "../.."), folder);
const pages = readdirSync(join(folder, "man"));

/** A page as it is read: words of one line each, without overstriking. */
async function readPage(name: string): Promise<string> {
  const { status, stdout, output } = await runCommand([
    "mandoc",
    "-T",
    "utf8",
    "-O",
    "width=200",
    join(folder, "man", name),
  ]);
  assert.is(status, 0, output);
  return stdout.replaceAll(/.\u0008/g, "");
}

for (const page of pages) {
  const path = join(folder, "man", page);

  test(`${page}: mandoc warns of nothing`, async () => {
    // Below a warning is style: long lines, pages that this machine does not have.
    const { stdout } = await runCommand(["mandoc", "-T", "lint", "-W", "warning", path]);
    assert.is(stdout, "");
  });

  test(`${page}: man warns of nothing`, async () => {
    const argv = ["man", "--warnings", "--encoding=UTF-8", "--local-file", "--troff-device=utf8", "--ditroff", path];
    const { status, stderr } = await runCommand(argv, { env: { ...process.env, LC_ALL: "C.UTF-8" } });
    assert.is(stderr, "");
    assert.is(status, 0);
  });
}

for (const program of programs) {
  test(`${program.name}: every command and every option is there, and nothing that is hidden`, async () => {
    const text = await readPage(pages.find((page) => page.startsWith(`${program.name}.`)) ?? "dkms-alpm-hooks.8");
    for (const { name, description } of visibleCommands(program)) {
      assert.match(text, new RegExp(`^ +${name}\\b`, "m"));
      assert.ok(text.includes(description.slice(0, 60)), description);
    }
    for (const { name, short, description } of visibleOptions(program)) {
      assert.ok(text.includes(name === short ? `-${name}` : `--${name}`), name);
      assert.ok(text.includes(description.slice(0, 60)), description);
    }
    for (const { name, hidden } of program.options as readonly { name: string; hidden?: boolean }[]) {
      if (hidden) assert.not.ok(text.includes(`--${name} `), name);
    }
  });
}

test("dkms(8) has a paragraph and an example for every command", () => {
  const text = readFileSync(join(folder, "man/dkms.8"), "utf8");
  for (const { name } of visibleCommands(dkmsProgram)) {
    const [, item = ""] = text.split(new RegExp(`^\\.It Cm ${name}\\b.*$`, "m"));
    const [own = ""] = item.split(/^\.It Cm|^\.El/m);
    assert.match(own, new RegExp(`^\\.Pp\\n[^]*^\\.Dl dkms ${name}\\b`, "m"), name);
  }
  for (const section of ["FILES", "ENVIRONMENT", "EXIT STATUS", "SEE ALSO"]) assert.match(text, `.Sh ${section}`);
});

test("dkms.conf(5) has every directive", async () => {
  const text = await readPage("dkms.conf.5");
  for (const name of directiveNames) assert.match(text, new RegExp(`\\b${name}\\b`));
});

test("dkms-alpm.conf(5) and the file as installed have every setting", async () => {
  const text = await readPage("dkms-alpm.conf.5");
  const file = readFileSync(resolve(import.meta.dirname, "../../pkgbuild/dkms-alpm.conf"), "utf8");
  for (const key of ownKeys) {
    const name = key.split(".")[1] ?? "";
    assert.match(text, new RegExp(`^ +${name} =`, "m"));
    assert.match(file, new RegExp(`^#${name} =`, "m"));
  }
});

test("framework.conf(5) has every key", async () => {
  const text = await readPage("framework.conf.5");
  for (const key of frameworkKeys) assert.match(text, new RegExp(`\\b${key}\\b`));
});

test("pages refer to pages that are there", async () => {
  for (const page of pages) {
    const text = readFileSync(join(folder, "man", page), "utf8");
    for (const [, name = "", section = ""] of text.matchAll(/^\.Xr (\S+) (\d)/gm)) {
      const isForeign = /^(kernel-install|pacman|pacman\.conf|alpm-hooks|PKGBUILD|makepkg)$/.test(name);
      assert.ok(isForeign || pages.includes(`${name}.${section}`), `${page}: ${name}(${section})`);
    }
  }
});

test.run();
