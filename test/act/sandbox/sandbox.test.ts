/** What a closed build can see and touch, tried by real scripts. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countedAs } from "../../reliability-row.ts";
import { goodModule, Scene, script } from "../compile/scene.ts";
import type { SandboxSettings } from "../../../src/model/settings/sandbox-settings.ts";
import { buildUser } from "../../../src/system/sandbox/build-user.ts";
import type { DkmsError } from "../../../src/model/errors.ts";

const test = suite<{ scene: Scene }>("sandbox");
test.before.each((context) => {
  context.scene = new Scene();
});
test.after.each(({ scene }) => scene.remove());

/** Builds a module whose PRE_BUILD runs these lines. */
function building(
  scene: Scene,
  lines: string,
  settings: Partial<SandboxSettings> = {},
): Promise<DkmsError | undefined> {
  const input = scene.input(
    { ...goodModule, "pre.sh": `#!/bin/bash\n${lines}\n` },
    { directives: { make: undefined, patches: [], scripts: { "pre-build": script("pre.sh") } } },
  );
  return scene.attempt(input, scene.environment(settings));
}

/** Lines of a script that must fail: what they are, and what the message must say. */
const refused: readonly (readonly [what: string, lines: string, message: RegExp])[] = [
  ["writing to /etc", "echo x > /etc/dkms-alpm-test", /to write to \/etc\/dkms-alpm-test; a build may write/],
  ["making a directory in /usr", "mkdir /usr/dkms-alpm-test || exit 1", /to write to \/usr\/dkms-alpm-test;/],
  [
    "writing to /var/tmp",
    "touch /var/tmp/dkms-alpm-test",
    /It asked for \/var\/tmp\/dkms-alpm-test; the directory is not/,
  ],
  ["writing to /home", "touch /home/dkms-alpm-test", /It asked for \/home\/dkms-alpm-test; the directory is not/],
  [
    "writing to the install tree",
    "touch $PWD/../../../../modules/x",
    /It asked for \/\S+\/modules\/x; the directory is not/,
  ],
  ["writing to the source", "echo x >> $PWD/../source/hello.c", /to write to \/\S+\/(source|hello-1.0)\/hello\.c;/],
  [
    "writing to another build",
    "echo x > $PWD/../../../other/1/build/x",
    /It asked for \/\S+\/other\/1\/build\/x; the directory is not/,
  ],
  ["reading /etc/shadow", "cat /etc/shadow", /It tried to read \/etc\/shadow, which is hidden from builds\.$/],
  ["reading root's keys", "cat /root/.ssh/id_rsa", /It asked for \/root\/\.ssh\/id_rsa; the directory is not/],
  ["reading the key of the tree", "cat $PWD/../../../mok.key", /It tried to read \/\S+\/mok\.key, which/],
  ["mounting", "mount -t tmpfs none /tmp", /failed with status \d+\.$/],
  ["making / writable again", "mount -o remount,rw /", /failed with status \d+\.$/],
  ["making a device", "mknod disk b 254 0", /failed with status 1\.$/],
  ["seeing other processes", `[ -e /proc/${process.pid}/cmdline ]`, /failed with status 1\.$/],
  ["sockets of services", '[ -n "$(ls -A /run)" ]', /It tried to read \/run, which is hidden from builds\.$/],
];

for (const [what, lines, message] of refused) {
  test(`${what} is refused`, ({ scene }) =>
    countedAs({ what: "a build that goes for what is not its own", fault: "attack", tried: 1 }, async () => {
      scene.write({ "tree/other/1/build/file": "", "tree/mok.key": "secret", "modules/file": "" });
      const error = await building(scene, `${lines} || exit $?`);
      assert.is(error?.code, "script-failed");
      assert.match(error?.message ?? "", message);
      if (message.source.includes("to write")) {
        const isSystem = /to write to \/(usr|etc|boot)/.test(error?.message ?? "");
        assert.match(
          error?.facts.hint ?? "",
          isSystem ? /^Report it to the module's maintainer\./ : /^(Writable=\/\S+ under \[Build\] in|Report it)/,
        );
      }
    }));
}

const allowed: readonly (readonly [what: string, lines: string])[] = [
  ["/tmp and TMPDIR", 'set -e; f=$(mktemp); [[ $f == /tmp/* && $TMPDIR == /tmp ]]; echo x > "$f"'],
  ["the usual devices", "set -e; echo x > /dev/null; head -c 4 /dev/urandom > r; echo x > /dev/shm/x; echo <(true)"],
  ["the log, for reading", "set -e; grep -q '^DKMS ' make.log; ! echo x >> make.log"],
  ["the source and its link", "set -e; [ -f ../source/hello.c ]; ! touch ../source/x"],
  ["other results in the tree", "set -e; [ -f ../5.0/x86_64/module/hello.ko ]; ! touch ../5.0/x"],
];

for (const [what, lines] of allowed) {
  test(`${what} can be used`, async ({ scene }) => {
    scene.write({ "tree/hello/1.0/5.0/x86_64/module/hello.ko": "old" });
    const error = await building(scene, lines);
    assert.is(error, undefined, error === undefined ? "" : scene.log());
  });
}

test("what one command leaves in /tmp the next one finds, and nobody after that", async ({ scene }) => {
  const input = scene.input(
    {
      ...goodModule,
      "pre.sh": "#!/bin/sh\necho x > /tmp/dkms-alpm-left\n",
      "post.sh": "#!/bin/sh\ncat /tmp/dkms-alpm-left\n",
    },
    {
      directives: {
        make: undefined,
        patches: [],
        scripts: { "pre-build": script("pre.sh"), "post-build": script("post.sh") },
      },
    },
  );
  assert.is(await scene.attempt(input), undefined);
  assert.not.ok(fs.existsSync("/tmp/dkms-alpm-left"));
});

test("keys are hidden: those of the tree and those that settings name", async ({ scene }) => {
  scene.write({ "tree/mok.key": "secret", "keys/own.key": "secret" });
  const hidden = [`${scene.root}/keys/own.key`];
  const error = await building(scene, `cat ${scene.root}/tree/mok.key ${hidden[0]}`, { hidden });
  assert.is(error?.code, "script-failed");
  assert.not.ok(scene.log().includes("secret"));
});

test("Writable opens a directory, also below a hidden one", async ({ scene }) => {
  scene.write({ "ccache/there": "" });
  const { uid, gid } = buildUser();
  const refusal = await building(scene, `set -e; echo x > ${scene.root}/ccache/new`, {
    writable: [`${scene.root}/ccache`],
  });
  assert.match(
    refusal?.message ?? "",
    /Writable names \S+, but dkms-build, who builds, has no right to write there\.$/,
  );
  assert.match(refusal?.facts.hint ?? "", new RegExp(`chown -R ${uid}:${gid}`));
  fs.chownSync(`${scene.root}/ccache`, uid, gid);
  const error = await building(scene, `set -e; echo x > ${scene.root}/ccache/new`, {
    writable: [`${scene.root}/ccache`],
  });
  assert.is(error, undefined);
  assert.is(scene.read("ccache/new"), "x\n");
});

test("the network is closed, and Network=yes opens it", async ({ scene }) => {
  const server = createServer((socket) => socket.end("hello\n")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const lines = `read -r line < /dev/tcp/127.0.0.1/${port} && [ "$line" = hello ]`;
  try {
    assert.is((await building(scene, lines))?.code, "script-failed");
    assert.is(await building(scene, lines, { network: "yes" }), undefined);
  } finally {
    server.close();
  }
});

test("a build that wants a server is told how to get it", async ({ scene }) => {
  // 192.0.2.1 is an address of documentation: RFC 5737.
  for (const lines of ["echo 'curl: (6) Could not resolve host: example.org'; exit 6", ": </dev/tcp/192.0.2.1/80"]) {
    const error = await building(scene, lines);
    assert.match(error?.message ?? "", /It tried to reach the network, which is closed to builds\.$/);
    assert.match(error?.facts.hint ?? "", /^Network=yes under \[Build\]/);
  }
});

test("LLVM's plugin of nm and ar is there only for kernels that clang has built", async ({ scene }) => {
  // A machine like this one, but for the plugins; that there is such a directory gcc sees to.
  const plugins = "/usr/lib/bfd-plugins";
  const root = `${scene.root}/machine`;
  scene.write({ "plugins/LLVMgold-14.so": "", "plugins/other.so": "words", "machine/there": "" });
  fs.symlinkSync("../gcc/liblto_plugin.so", `${scene.root}/plugins/liblto_plugin.so`);
  execFileSync("mount", ["--rbind", "--make-rprivate", "/", root]);
  try {
    execFileSync("mount", ["--bind", `${scene.root}/plugins`, `${root}${plugins}`]);
    const lines = `ls ${plugins}; readlink ${plugins}/liblto_plugin.so; cat ${plugins}/other.so; ! touch ${plugins}/x`;
    const seen = async (llvm: boolean): Promise<string> => {
      const input = scene.input(
        { ...goodModule, "pre.sh": `#!/bin/bash\n${lines}\n` },
        { directives: { make: "true", patches: [], scripts: { "pre-build": script("pre.sh") } } },
      );
      await scene.attempt({ ...input, facts: { ...input.facts, llvm } }, scene.environment({ root }));
      return scene.log();
    };
    const others = "liblto_plugin.so\nother.so\n../gcc/liblto_plugin.so\nwords";
    assert.ok((await seen(true)).includes(`LLVMgold-14.so\n${others}`), scene.log());
    assert.ok((await seen(false)).includes(`\n${others}`), scene.log());
    assert.not.ok(scene.log().includes("LLVMgold"), scene.log());
  } finally {
    execFileSync("umount", ["--recursive", "--lazy", root]);
  }
});

test("links that a script leaves lead nothing of ours astray", async ({ scene }) => {
  scene.write({ "victim/file": "untouched" });
  const victim = `${scene.root}/victim`;
  const files = {
    ...goodModule,
    "post.sh": `#!/bin/bash\nrm -rf ../$kernelver/$arch/log && ln -s ${victim} ../$kernelver/$arch/log\n`,
  };
  const input = scene.input(files, {
    directives: { make: undefined, patches: [], scripts: { "post-build": script("post.sh") } },
  });
  assert.is(await scene.attempt(input), undefined);
  assert.equal(scene.list("victim"), ["file"]);
  assert.equal(scene.list(`${scene.result(input)}/log`), ["make.log"]);

  const stolen = scene.input(goodModule, {
    directives: { make: "ln -s /etc/shadow hello.ko", patches: [], scripts: {} },
  });
  assert.is((await scene.attempt(stolen))?.code, "object-missing");
});

test("a build that fills the disk is stopped, what it wrote goes, and the message names it", async ({ scene }) => {
  const tree = `${scene.root}/tree`;
  fs.mkdirSync(tree);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "none", tree]);
  try {
    const error = await building(scene, "yes | head -c 1G > filling; sleep 60");
    assert.is(error?.code, "file-failed");
    assert.match(error?.message ?? "", /was stopped: it was filling the disk, \d+ MiB are left/);
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
  } finally {
    execFileSync("umount", [tree]);
  }
});

test("a build that leaves a program running fails, the message names it, and the program ends", async ({ scene }) => {
  const error = await building(scene, "setsid sleep 5432 >/dev/null 2>&1 &");
  assert.is(error?.code, "script-failed");
  assert.match(error?.message ?? "", /It left running: sleep; a build has to end with everything that it starts\.$/);
  assert.match(error?.facts.hint ?? "", /^Sandbox=no under \[Build\]/);
  const left = fs.readdirSync("/proc").filter((name) => {
    try {
      return fs.readFileSync(`/proc/${name}/cmdline`, "utf8").includes("sleep\u00005432");
    } catch {
      return false;
    }
  });
  assert.equal(left, []);
});

for (const [what, name, shown] of [
  ["a line break", "$'two\\nlines'", "two?lines"],
  ["a line break at its end", "$'x\\n'", "x"],
  ["nothing but blanks", "'   '", "?"],
  ["nothing but line breaks", "$'\\n\\n'", "?"],
  ["the look of our own line", "$'\\ndkms: left'", "dkms:?left"],
] as const) {
  test(`a program left running is noticed although its name has ${what}`, async ({ scene }) => {
    const error = await building(
      scene,
      `cp /usr/bin/sleep ./${name}; setsid ./${name} 5433 >/dev/null 2>&1 &\nsleep 0.3`,
    );
    assert.is(error?.code, "script-failed", scene.log());
    assert.ok(error?.message.includes(`It left running: ${shown}; a build`), error?.message);
  });
}

test("what comes to its end a moment after the command is no fault", async ({ scene }) => {
  assert.is(await building(scene, "echo words > >(sleep 0.3; cat >later) ; sleep 0.3 &"), undefined);
});

test.run();
