/** Which of the caller's variables reach the programs that we start. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { childEnvironment, confinedEnvironment } from "../../src/system/environment.ts";

/** Variables that change what make, Kbuild, compilers, shells, tar or Node do. */
const harmful =
  "sub_make_done LLVM ARCH KBUILD_OUTPUT KBUILD_EXTMOD M O V W C CC CFLAGS MAKEFLAGS MAKEFILES GNUMAKEFLAGS KCFLAGS DEBUG CROSS_COMPILE " +
  "LD_PRELOAD LD_LIBRARY_PATH BASH_ENV ENV IFS CDPATH NODE_OPTIONS TAR_OPTIONS GREP_OPTIONS GCC_EXEC_PREFIX CPATH PERL5LIB PYTHONPATH " +
  "INSTALL_MOD_PATH DEPMOD SSH_AUTH_SOCK GPG_AGENT_INFO AWS_SECRET_ACCESS_KEY XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS";
const passed = ["HOME", "LANG", "LC_ALL", "TERM", "TZ", "DKMS_DIRECTIVE_MAKE"];

function withVariables<T>(names: readonly string[], work: () => T): T {
  const before = { ...process.env };
  for (const name of names) process.env[name] = `value of ${name}`;
  try {
    return work();
  } finally {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, before);
  }
}

for (const name of harmful.split(" ")) {
  test(`${name} reaches no program`, () => {
    withVariables([name], () => {
      assert.is(childEnvironment()[name], undefined);
      assert.is(confinedEnvironment()[name], undefined);
    });
  });
}

for (const name of passed) {
  test(`${name} reaches what runs as the caller, and nothing in the sandbox`, () => {
    withVariables([name], () => {
      assert.is(childEnvironment()[name], `value of ${name}`);
      assert.is.not(confinedEnvironment()[name], `value of ${name}`);
    });
  });
}

test("what is given is all that the sandbox gets besides what is always the same", () => {
  const bare = confinedEnvironment();
  assert.equal(withVariables([...harmful.split(" "), ...passed], confinedEnvironment), bare);
  assert.equal(confinedEnvironment({ CC: "clang" }), { ...bare, CC: "clang" });
});

test.run();
