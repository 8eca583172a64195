/** What a build was told to use is shown again, read-only; what stays hidden is named, with what opens it. */
import * as fs from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { namedPaths } from "../../../src/act/sandbox/named-paths.ts";
import { goodModule, Scene, script } from "../compile/scene.ts";

const test = suite<{ scene: Scene; home: string }>("named paths");
test.before.each((context) => {
  context.scene = new Scene();
  // Private, as most homes are.
  context.home = fs.mkdtempSync("/home/dkms-named-");
});
test.after.each(({ scene, home }) => {
  scene.remove();
  fs.rmSync(home, { recursive: true, force: true });
});

function put(path: string, text: string, mode = 0o644): void {
  fs.mkdirSync(join(path, ".."), { recursive: true });
  fs.writeFileSync(path, text);
  fs.chmodSync(path, mode);
}

/** What a build is shown whose PRE_BUILD is `lines`. */
function build(scene: Scene, lines: string, readable: readonly string[]): ReturnType<Scene["attempt"]> {
  const input = scene.input(
    { ...goodModule, "pre.sh": `#!/bin/bash\n${lines}\n` },
    { directives: { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh") } }, readable },
  );
  return scene.attempt(input);
}

const nothing = { source: "/none", headers: "/none", conf: "/none", directives: { make: undefined, scripts: {} } };
const usual = { ...nothing, variables: {}, root: "/", options: { directives: [] } };

test("a make that the command line names is shown, in /tmp and in a home", async ({ scene, home }) => {
  const make = `${scene.root}/driver-make`;
  put(make, '#!/bin/sh\nexec make "$@"\n', 0o755);
  put(`${home}/tool`, "#!/bin/sh\nexit 0\n", 0o755);
  const named = namedPaths({ ...usual, options: { directives: [`MAKE='${make}' `, `CLEAN=${home}/tool`] } });
  assert.equal(named, [make, `${home}/tool`]);
  assert.is(await build(scene, `set -e; ${make} --version; ${home}/tool; ! echo x >>${make}`, named), undefined);
});

test("a second tree that headers include is shown, with what its links lead to", async ({ scene, home }) => {
  put(`${home}/linux/Makefile`, "x := 1\n");
  put(`${home}/kbuild/scripts/gen.sh`, "words\n");
  fs.symlinkSync("../kbuild/scripts", `${home}/linux/scripts`);
  scene.write({
    "headers/Makefile": `include ${home}/linux/Makefile\nmodules:\n\tgcc -c -o $(M)/hello.ko $(M)/hello.c\n`,
  });
  const named = namedPaths({ ...usual, headers: scene.headers });
  const error = await build(scene, `cat ${home}/linux/scripts/gen.sh && ! touch ${home}/linux/x`, named);
  assert.is(error, undefined, error === undefined ? "" : scene.log());
});

test("what everybody may read on another machine is that also where its root lies in a private directory", ({
  home,
}) => {
  const root = `${home}/machine`;
  put(`${root}/opt/public/part.h`, "");
  put(`${root}/opt/private/part.h`, "");
  fs.chmodSync(`${root}/opt/private`, 0o700);
  put(`${root}/dkms.conf`, "# /opt/public/part.h /opt/private/part.h\n");
  assert.equal(namedPaths({ ...usual, root, conf: "/dkms.conf" }), ["/opt/public/part.h"]);
});

test("a source that is made of links builds", async ({ scene, home }) => {
  put(`${home}/work/hello.c`, "int hello(void) { return 1; }\n");
  const input = scene.input({ "dkms.conf": "", Makefile: "" });
  fs.symlinkSync(`${home}/work/hello.c`, `${input.source}/hello.c`);
  const readable = namedPaths({ ...usual, source: input.source });
  assert.equal(readable, [`${home}/work/hello.c`]);
  assert.is(await scene.attempt({ ...input, readable }), undefined);
});

test("what Readable names is shown, and stays as it is", async ({ scene, home }) => {
  put(`${home}/tools/part.h`, "int x;\n");
  const lines = `set -e; cat ${home}/tools/part.h; ! echo y >>${home}/tools/part.h; ! touch ${home}/tools/new`;
  const input = scene.input(
    { ...goodModule, "pre.sh": `#!/bin/bash\n${lines}\n` },
    { directives: { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh") } } },
  );
  assert.is((await scene.attempt(input))?.code, "script-failed");
  assert.is(await scene.attempt(input, scene.environment({ readable: [`${home}/tools`] })), undefined, scene.log());
  assert.equal(fs.readdirSync(`${home}/tools`), ["part.h"]);
});

test("what build_environment names is shown", ({ home }) => {
  put(`${home}/bin/gcc`, "", 0o755);
  assert.equal(namedPaths({ ...usual, variables: { CC: `ccache ${home}/bin/gcc` } }), [`${home}/bin/gcc`]);
});

/** A conf names these; which of them are shown. */
test("a conf shows what everybody may read and nothing else", ({ scene, home }) => {
  put(`${home}/private`, "x");
  put("/etc/dkms-named/open", "x");
  put("/etc/dkms-named/closed", "x", 0o600);
  const conf = `${scene.root}/dkms.conf`;
  const paths = [
    `${home}/private`,
    "/etc/dkms-named/open",
    "/etc/dkms-named/closed",
    "/etc/dkms-named",
    "/run",
    "/proc/1/root",
  ];
  put(conf, paths.map((path) => `. ${path}\n`).join(""));
  try {
    assert.equal(namedPaths({ ...usual, conf }), ["/etc/dkms-named/open"]);
  } finally {
    fs.rmSync("/etc/dkms-named", { recursive: true });
  }
});

test("links of a source lead to no keys, and to nothing private before it is installed", ({ scene, home }) => {
  put(`${home}/.ssh/id`, "x");
  put(`${home}/notes`, "x");
  const source = `${scene.root}/evil`;
  fs.mkdirSync(source);
  for (const [index, target] of [`${home}/.ssh/id`, `${home}/.ssh`, home, "/root", "/", "/proc/1"].entries())
    fs.symlinkSync(target, `${source}/${index}`);
  assert.equal(namedPaths({ ...usual, source }), []);
  fs.symlinkSync(`${home}/notes`, `${source}/notes`);
  assert.equal(namedPaths({ ...usual, source }), [`${home}/notes`]);
  const machine = `${scene.root}/machine`;
  fs.mkdirSync(`${machine}${scene.root}`, { recursive: true });
  fs.renameSync(source, `${machine}${source}`);
  put(`${machine}${home}/notes`, "x");
  fs.chmodSync(`${machine}${home}`, 0o700);
  assert.equal(namedPaths({ ...usual, source, root: machine }), []);
});

test("what stays hidden is named, with what shows it", async ({ scene, home }) => {
  put(`${home}/more/part.h`, "int x;\n");
  const error = await build(scene, `cat ${home}/more/part.h`, []);
  assert.match(
    error?.message ?? "",
    new RegExp(`It tried to read ${home}/more/part.h, which is hidden from builds\\.$`),
  );
  assert.match(error?.facts.hint ?? "", new RegExp(`^Readable=${home}/more/part.h under \\[Build\\]`));
});

test.run();
