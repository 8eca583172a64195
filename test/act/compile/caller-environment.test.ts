/** Random variables of the caller change nothing: make sees what it sees without them, and the object is the one that plain make builds in a clean environment. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLong } from "../../form.ts";
import { seededRandom } from "../../e2e/crash/random.ts";
import { Scene } from "./scene.ts";

const random = seededRandom();
const rounds = isLong ? 40 : 3;

/** What kernel builds and shells export, and what makes and compilers read. */
const names = [
  ..."sub_make_done ARCH SUBARCH CROSS_COMPILE LLVM LLVM_IAS CC LD AR HOSTCC KCFLAGS KCPPFLAGS KAFLAGS CFLAGS CPPFLAGS LDFLAGS".split(
    " ",
  ),
  ..."KBUILD_OUTPUT KBUILD_EXTMOD KBUILD_VERBOSE KBUILD_MODPOST_WARN KBUILD_EXTRA_SYMBOLS KBUILD_SIGN_PIN KERNELRELEASE KERNELVERSION".split(
    " ",
  ),
  ..."M O V W C MO INSTALL_MOD_PATH INSTALL_MOD_DIR MAKE MAKEFLAGS GNUMAKEFLAGS MAKEFILES MAKELEVEL MFLAGS srctree objtree abs_srctree".split(
    " ",
  ),
  ..."CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX COMPILER_PATH TMPDIR BASH_ENV ENV CDPATH SHELLOPTS PERL5LIB PYTHONPATH".split(
    " ",
  ),
  ..."MODVERSIONS CONFIG_MODULES ccflags_y EXTRA_CFLAGS obj_m hello_objs PATH_TO_KERNEL SOURCE_DATE_EPOCH TZ LANG".split(
    " ",
  ),
] as const;
const values = [
  "1",
  "0",
  "y",
  "evil",
  "/nonexistent",
  "-n",
  "-DEVIL",
  "-Werror -k",
  "arm64",
  "a b",
  "$(shell touch /evil)",
] as const;

const makefile = `
modules:
	@echo BEGIN; env | LC_ALL=C sort; echo END
	@printf '%s\\n' 'const char seen[] = "$(ARCH) $(LLVM) $(V) $(W) $(O) $(KCFLAGS) $(CFLAGS) $(EVIL)";' >>$(M)/hello.c
	gcc $(KCFLAGS) $(EXTRA_CFLAGS) -c -o $(M)/hello.ko $(M)/hello.c
`;

/** What make has been given, and what it has built. */
async function build(): Promise<{ readonly environment: string; readonly object: string }> {
  const scene = new Scene();
  try {
    scene.write({ "headers/Makefile": makefile });
    const input = scene.input({ "dkms.conf": "", "hello.c": "int one(void) { return 1; }\n" });
    const error = await scene.attempt(input);
    assert.is(error, undefined, error === undefined ? "" : `${error.message}\n${scene.log()}`);
    const object = fs.readFileSync(join(scene.root, scene.result(input), "module/hello.ko"), "latin1");
    const environment = /^BEGIN\n([^]*?)^END$/m.exec(scene.log())?.[1] ?? "";
    return { environment: environment.replaceAll(scene.root, ""), object };
  } finally {
    scene.remove();
  }
}

function plainMake(): string {
  const scene = new Scene();
  try {
    scene.write({ "headers/Makefile": makefile, "plain/hello.c": "int one(void) { return 1; }\n" });
    const { status, stderr } = spawnSync("make", ["-C", scene.headers, `M=${scene.root}/plain`], {
      encoding: "utf8",
      env: { PATH: "/usr/bin" },
    });
    assert.is(status, 0, stderr);
    return fs.readFileSync(`${scene.root}/plain/hello.ko`, "latin1");
  } finally {
    scene.remove();
  }
}

test(`variables of the caller (seed ${random.seed})`, async () => {
  const object = plainMake();
  const own = { ...process.env };
  const clean = await build();
  assert.match(clean.environment, /^PATH=/m);
  assert.is(clean.object, object);
  for (let count = 0; count < rounds; count += 1) {
    const some = names.filter(() => random.below(1) < 0.4);
    const given = Object.fromEntries(some.map((name) => [name, random.pick([...values])]));
    // The directory for temporary files is where this test itself works.
    delete given["TMPDIR"];
    const generated = Object.fromEntries(
      [1, 2, 3].map((n) => [`EVIL${n === 1 ? "" : Math.floor(random.below(1e6))}`, "evil"]),
    );
    Object.assign(process.env, given, generated);
    try {
      const found = await build();
      const what = JSON.stringify({ ...given, ...generated });
      assert.is(found.environment, clean.environment, what);
      assert.is(found.object, object, what);
    } finally {
      for (const name of Object.keys(process.env)) if (own[name] === undefined) delete process.env[name];
      Object.assign(process.env, own);
    }
  }
  assert.is(fs.existsSync("/evil"), false);
});

test.run();
