/** Compilers that an administrator puts in the place of the kernel's: a cache, and machines that help. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, older, scenario, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });

/** Has every build take another compiler; our own cache of results would spare it. */
function setUp(machine: Scene, exports: string, settings: string): void {
  machine.write("/etc/dkms/framework.conf.d/compiler.conf", 'build_environment="/etc/dkms/build-environment"\n');
  machine.write("/etc/dkms/build-environment", `export ${exports}\n`);
  machine.write("/etc/dkms-alpm.conf", `[Build]\nCache = no\n${settings}\n`);
}

const build = ["dkms", "build", "--force", "tiny/1.0", "-k", older];

/** The compiler that the kernel of these tests asks for. */
async function compilerOf(machine: Scene): Promise<string> {
  const flag = await machine.run(["test", "-e", "/usr/bin/gcc-12"]);
  return flag.status === 0 ? "gcc-12" : "gcc";
}

scenario("a second build comes from ccache", [...linux.both, tiny], async (machine) => {
  const compiler = await compilerOf(machine);
  const env = { CCACHE_DIR: "/var/cache/ccache" };
  await machine.need(["mkdir", "-p", "--mode=777", env.CCACHE_DIR]);
  setUp(machine, `CC="ccache ${compiler}" CCACHE_DIR=${env.CCACHE_DIR}`, `Writable = ${env.CCACHE_DIR}`);
  const hits = async (): Promise<number> => {
    const stats = await machine.need(["ccache", "--print-stats"], { env });
    return Number(/^direct_cache_hit\t(\d+)$/m.exec(stats)?.[1]);
  };
  await machine.need(build);
  assert.is(await hits(), 0);
  assert.ok(machine.compiled().includes(`tiny.c for ${older}`));
  await machine.need(build);
  assert.ok((await hits()) >= 1, "the object was in the cache");
  assert.equal(machine.compiled(), []);

  machine.write("/etc/dkms-alpm.conf", "[Build]\nCache = no\n");
  machine.write("/usr/src/tiny-1.0/tiny.c", `${machine.read("/usr/src/tiny-1.0/tiny.c")}int more;\n`);
  const stored = machine.tree(env.CCACHE_DIR).length;
  await machine.run(build);
  assert.is(machine.tree(env.CCACHE_DIR).length, stored, "what is not writable is not written");
});

scenario(
  "distcc has another machine compile, when builds may use the network",
  [...linux.both, tiny],
  async (machine) => {
    const compiler = await compilerOf(machine);
    const log = "/var/log/distccd.log";
    await machine.need(["ip", "link", "set", "lo", "up"]);
    const options = ["--no-detach", "--daemon", "--enable-tcp-insecure", "--jobs", "2", "--user", "nobody"];
    machine.write(log, "", 0o666);
    const daemon = machine.start(
      ["distccd", ...options, "--listen", "127.0.0.1", "--allow", "127.0.0.1", "--log-file", log],
      { timeout: 300 },
    );
    daemon.result.catch(() => {});
    setUp(machine, `CC="distcc ${compiler}" DISTCC_HOSTS=127.0.0.1 DISTCC_FALLBACK=0`, "Network = yes");
    const helped = (): number => machine.read(log).match(/COMPILE_OK .*\/tiny\.c$/gm)?.length ?? 0;
    try {
      await machine.need(build);
      assert.is(helped(), 1, machine.read(log));

      setUp(machine, `CC="distcc ${compiler}" DISTCC_HOSTS=127.0.0.1 DISTCC_FALLBACK=0`, "Network = no");
      assert.is.not((await machine.run(build)).status, 0, "without network there is nobody to help");
      assert.is(helped(), 1);
    } finally {
      daemon.kill("SIGTERM");
    }
  },
);

test.run();
