/** What a hostile build can leave where its result is taken from: nothing of the machine's comes along, nothing of it has rights, and what is no object fails. */
import * as fs from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SandboxSettings } from "../../../src/model/settings/sandbox-settings.ts";
import { Scene, script } from "./scene.ts";

/** Where an attack happens: in MAKE, after the module was made, or in POST_BUILD, where `$K` is the result. */
type Place = "make" | "post-build";

interface Attack {
  readonly title: string;
  readonly place: Place;
  /** Shell text; `$OUT` is a directory of the machine's, with a secret in it. */
  readonly text: string;
  /** What the failure says; undefined where the build is a good one all the same. */
  readonly fails?: RegExp;
  /** What is said of what was left out. */
  readonly told?: RegExp;
  /** What of a good result has which permissions, beyond what every result has. */
  readonly files?: Readonly<Record<string, number>>;
}

const good = { "module/hello.ko": 0o644, "module/Module.symvers": 0o644, "log/make.log": 0o644 };

const attacks: readonly Attack[] = [
  // Directories and objects that are not what they should be.
  {
    title: "module/ is a link to a directory of the machine",
    place: "post-build",
    text: `rm -r $K/module; ln -s $OUT $K/module`,
    fails: /hello\.ko does not exist/,
  },
  {
    title: "module/ is such a link before POST_BUILD",
    place: "make",
    text: `rm -r $K/module; ln -s $OUT $K/module`,
    told: /^module in the result .* is left out: it is a link/,
  },
  {
    title: "module/ is a file",
    place: "post-build",
    text: `rm -r $K/module; echo >$K/module`,
    fails: /hello\.ko does not exist/,
  },
  {
    title: "log/ is a link to a directory of the machine",
    place: "post-build",
    text: `rm -r $K/log; ln -s $OUT $K/log`,
  },
  {
    title: "an object is a link to a secret",
    place: "post-build",
    text: `ln -sf $OUT/secret $K/module/hello.ko`,
    fails: /hello\.ko is a link/,
  },
  {
    title: "an object is a link to a good one",
    place: "post-build",
    text: `mv $K/module/hello.ko $K/x; ln -s ../x $K/module/hello.ko`,
    fails: /hello\.ko is a link/,
  },
  {
    title: "an object is a named pipe",
    place: "post-build",
    text: `rm $K/module/hello.ko; mkfifo $K/module/hello.ko`,
    fails: /hello\.ko is a named pipe/,
  },
  {
    title: "an object is a directory",
    place: "post-build",
    text: `rm $K/module/hello.ko; mkdir $K/module/hello.ko`,
    fails: /hello\.ko is a directory/,
  },
  {
    title: "an object is removed",
    place: "post-build",
    text: `rm $K/module/hello.ko`,
    fails: /hello\.ko does not exist/,
  },
  {
    title: "make leaves a link to a secret",
    place: "make",
    text: `ln -sf $OUT/secret hello.ko`,
    fails: /hello\.ko leads out of the build directory/,
  },
  {
    title: "make leaves a link out by ..",
    place: "make",
    text: `ln -sf ../../../../../../../../../$OUT/secret hello.ko`,
    fails: /hello\.ko leads out/,
  },
  {
    title: "make leaves a link to itself",
    place: "make",
    text: `rm hello.ko; ln -s hello.ko hello.ko`,
    fails: /hello\.ko leads out/,
  },
  {
    title: "make leaves a link through a link out",
    place: "make",
    text: `ln -s $OUT out; ln -sf out/secret hello.ko`,
    fails: /hello\.ko leads out/,
  },
  {
    title: "make leaves a named pipe",
    place: "make",
    text: `rm hello.ko; mkfifo hello.ko`,
    fails: /hello\.ko is a named pipe/,
  },
  {
    title: "Module.symvers is a link to a secret",
    place: "make",
    text: `ln -sf $OUT/secret Module.symvers`,
    files: { "module/Module.symvers": 0 },
  },
  {
    title: "Module.symvers is a named pipe",
    place: "make",
    text: `rm Module.symvers; mkfifo Module.symvers`,
    files: { "module/Module.symvers": 0 },
  },
  // What is no object of the kernel.
  { title: "an object is empty", place: "make", text: `: >hello.ko`, fails: /hello\.ko: it is empty/ },
  { title: "an object is text", place: "make", text: `echo text >hello.ko`, fails: /hello\.ko: it is no ELF file/ },
  {
    title: "an object is a program",
    place: "make",
    text: `cp /bin/true hello.ko`,
    fails: /hello\.ko: it is no relocatable object/,
  },
  {
    title: "an object is cut short",
    place: "make",
    text: `truncate -s 200 hello.ko`,
    fails: /hello\.ko: its sections lead nowhere/,
  },
  {
    title: "an object is made for another machine",
    place: "make",
    text: String.raw`printf '\267\000' | dd of=hello.ko bs=1 seek=18 conv=notrunc status=none`,
    fails: /hello\.ko: it is made for another machine \(64 bits, number 183\) than x86_64/,
  },
  {
    title: "an object is made for another kernel",
    place: "make",
    text: `sed -i s/=6.1.0-test/=5.9.9-test/ hello.ko`,
    fails: /hello\.ko: its vermagic is "5\.9\.9-test SMP", and that of the kernel begins with 6\.1\.0-test/,
  },
  {
    title: "an object has no vermagic",
    place: "make",
    text: `sed -i s/vermagic=/vermagix=/ hello.ko`,
    fails: /hello\.ko: it has no vermagic/,
  },
  {
    title: "POST_BUILD exchanges an object",
    place: "post-build",
    text: `echo text >$K/module/hello.ko`,
    fails: /hello\.ko: it is no ELF file/,
  },
  {
    title: "an object of 60 GB takes no disk",
    place: "make",
    text: `truncate -s 60G hello.ko`,
    fails: /hello\.ko has 64424509440 bytes/,
  },
  {
    title: "an object grows to 60 GB in POST_BUILD",
    place: "post-build",
    text: `truncate -s 60G $K/module/hello.ko`,
    fails: /hello\.ko has 64424509440 bytes/,
  },
  // What lies beside the objects.
  {
    title: "a link with the name of an object leads to a key",
    place: "post-build",
    text: `ln -s $OUT/secret $K/module/swap.ko.gz`,
    told: /^module\/swap\.ko\.gz .* is left out/,
  },
  {
    title: "a link in a directory of the result leads to a key",
    place: "post-build",
    text: `mkdir $K/d; ln -s $OUT/secret $K/d/key`,
    told: /^d\/key .* it is a link/,
  },
  {
    title: "a directory of the result is a link to the machine's",
    place: "post-build",
    text: `ln -s $OUT $K/d`,
    told: /^d in .* it is a link/,
  },
  {
    title: "a named pipe among the results",
    place: "post-build",
    text: `mkfifo $K/pipe`,
    told: /^pipe .* it is a named pipe/,
  },
  {
    title: "a pipe that make leaves in the result",
    place: "make",
    text: `mkfifo $K/pipe`,
    told: /^pipe .* it is a named pipe/,
  },
  {
    title: "an object that the conf does not name",
    place: "post-build",
    text: `cp $K/module/hello.ko $K/module/other.ko`,
    told: /^module\/other\.ko .* dkms\.conf does not name/,
  },
  {
    title: "a second form of an object",
    place: "post-build",
    text: `gzip -k $K/module/hello.ko`,
    told: /^module\/hello\.ko\.gz .* dkms\.conf does not name/,
  },
  {
    title: "a setuid program among the results",
    place: "post-build",
    text: `cp /bin/true $K/tool; chmod 6755 $K/tool`,
    files: { tool: 0o755 },
  },
  {
    title: "a setuid object",
    place: "post-build",
    text: `chmod 4777 $K/module/hello.ko`,
    files: { "module/hello.ko": 0o755 },
  },
  {
    title: "a file that all may write",
    place: "post-build",
    text: `echo >$K/data; chmod 666 $K/data`,
    files: { data: 0o644 },
  },
  {
    title: "a file that nobody may read",
    place: "post-build",
    text: `echo >$K/data; chmod 0 $K/data`,
    files: { data: 0o644 },
  },
  {
    title: "a file of another user",
    place: "post-build",
    text: `echo >$K/data; chown 65534:65534 $K/data`,
    files: { data: 0o644 },
  },
  {
    title: "a directory of another user",
    place: "post-build",
    text: `mkdir $K/d; echo >$K/d/data; chown -R 65534 $K/d; chmod 777 $K/d`,
    files: { "d/data": 0o644 },
  },
  {
    title: "60 GB beside the objects",
    place: "post-build",
    text: `truncate -s 60G $K/bomb`,
    told: /^bomb .* has 64424509440 bytes/,
  },
  {
    title: "1,000 files and more",
    place: "post-build",
    text: `mkdir $K/d; cd $K/d; seq 1100 | xargs touch`,
    told: /is too much: no more than 1000 files/,
    files: { "d/10": 0o644 },
  },
  {
    title: "directories without end",
    place: "post-build",
    text: `p=$K; for i in $(seq 40); do p=$p/d; mkdir $p; done; echo >$p/data`,
    told: /(d\/){16}d .* lies too deep/,
  },
  {
    title: "a name with a line break",
    place: "post-build",
    text: `echo >$K/$'a\\nWarning'`,
    told: /^a\?Warning .* control characters/,
  },
  {
    title: "a name that turns the terminal red",
    place: "post-build",
    text: `echo >$K/$'\\e[31m'`,
    told: /^\?\[31m .* control characters/,
  },
  { title: "a name that is no UTF-8", place: "post-build", text: `echo >$K/$'\\xff'`, told: /no UTF-8/ },
  { title: "a mark of a dependency", place: "post-build", text: `echo 9 >$K/.dep_other` },
  {
    title: "a log of its own",
    place: "post-build",
    text: `echo forged >$K/log/make.log 2>/dev/null; ln -sf $OUT/secret $K/log/other`,
  },
];

for (const sandbox of ["auto", "no"] as const) {
  const test = suite<{ scene: Scene; settings: Partial<SandboxSettings> }>(`sandbox ${sandbox}`);
  test.before.each((context) => {
    context.scene = new Scene();
    context.settings = { sandbox };
    context.scene.write({
      "out/secret": "SECRET\n",
      "headers/include/generated/utsrelease.h": '#define UTS_RELEASE "6.1.0-test"\n',
    });
  });
  test.after.each(({ scene }) => scene.remove());

  for (const [index, { title, place, text, fails, told, files = {} }] of attacks.entries()) {
    // What is taken is the same without a sandbox: a few rows show the other way to it. Make has no place for a result then.
    if (sandbox === "no" && (index % 5 !== 0 || (place === "make" && text.includes("$K")))) continue;
    test(title, async ({ scene, settings }) => {
      const error = await attack(scene, { place, text }, settings);
      const words = scene.events.flatMap((event) =>
        event.kind === "note" && event.level === "warning" ? [event.text] : [],
      );
      if (fails === undefined) assert.is(error, undefined);
      else assert.match(error?.message ?? "no error", fails);
      if (told !== undefined)
        assert.ok(
          words.some((line) => told.test(line)),
          words.join("\n"),
        );
      assert.equal(scene.list("out"), ["secret"]);
      const found = taken(scene);
      if (fails !== undefined) assert.equal(found, {});
      else for (const [path, mode] of Object.entries({ ...good, ...files })) assert.is(found[path] ?? 0, mode, path);
      if (fails === undefined && !title.startsWith("1,000")) {
        const expected = Object.entries({ ...good, ...files }).filter(([, mode]) => mode !== 0);
        assert.equal(Object.keys(found).toSorted(), expected.map(([path]) => path).toSorted());
      }
    });
  }

  test("a failed build is root's alone, and nothing in it has rights", async ({ scene, settings }) => {
    const text = `cp /bin/bash shell; chmod 6755 shell; chown 65534 hello.c; mkfifo pipe; mkdir d; cp shell d; chmod 4777 d/shell d; ln -s $OUT/secret key; exit 3`;
    const error = await attack(scene, { place: "make", text }, settings);
    assert.is(error?.code, "make-failed");
    const build = join(scene.root, "tree/hello/1.0/build");
    assert.is(fs.statSync(build).mode & 0o7777, 0o700);
    assert.not.ok(fs.existsSync(join(build, "pipe")));
    for (const entry of fs.readdirSync(build, { recursive: true, withFileTypes: true })) {
      const found = fs.lstatSync(join(entry.parentPath, entry.name));
      if (!entry.isSymbolicLink()) assert.is(found.mode & 0o7022, 0, entry.name);
      if (!entry.isSymbolicLink()) assert.is(found.uid, 0, entry.name);
    }
    assert.match(scene.read("tree/hello/1.0/build/make.log"), "exit code: 3");
  });

  test("links among the build's own files are what they were", async ({ scene, settings }) => {
    for (const link of ["sub/hello.ko", "$PWD/sub/hello.ko", "./out/../sub/hello.ko"]) {
      const text = `mkdir -p sub out; mv hello.ko sub; ln -s ${link} hello.ko`;
      assert.is(await attack(scene, { place: "make", text }, settings), undefined, link);
    }
  });

  test.run();
}

/** Builds a module that is good but for the attack. */
async function attack(
  scene: Scene,
  { place, text }: Pick<Attack, "place" | "text">,
  settings: Partial<SandboxSettings>,
): ReturnType<Scene["attempt"]> {
  const shell = `OUT=${scene.root}/out; K=${scene.layout.dkmsTree}/hello/1.0/$kernelver/$arch; ${text}`;
  const source = `const char v[] __attribute__((section(".modinfo"), used)) = "vermagic=6.1.0-test SMP";\nint hello(void) { return 1; }\n`;
  const post = { "post-build": script("post.sh") };
  const make = `make -C ${scene.headers} M=$PWD`;
  const input = scene.input(
    { "dkms.conf": "", "hello.c": source, "post.sh": `#!/bin/bash\n${shell}\ntrue\n` },
    {
      directives: {
        make: place === "make" ? `${make} && { ${shell}; }` : undefined,
        patches: [],
        scripts: place === "post-build" ? post : {},
      },
    },
  );
  return scene.attempt(input, scene.environment(settings));
}

/** Every file of the result with its permissions; anything else, and anything that is not root's, shows as -1. */
function taken(scene: Scene): Readonly<Record<string, number>> {
  const result = join(scene.root, "tree/hello/1.0/6.1.0-test/x86_64");
  if (!fs.existsSync(result)) return {};
  const found: Record<string, number> = {};
  for (const entry of fs.readdirSync(result, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, uid } = fs.lstatSync(path);
    const isPlain = entry.isFile() && uid === 0 && !fs.readFileSync(path, "latin1").includes("SECRET");
    if (entry.isDirectory()) assert.is(mode & 0o7777, 0o755, path);
    else found[path.slice(result.length + 1)] = isPlain ? mode & 0o7777 : -1;
  }
  return found;
}
