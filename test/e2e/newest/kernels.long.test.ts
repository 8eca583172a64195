/** The newest kernel as other people make it: by clang with ThinLTO, with its BTF in the headers, for another architecture. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cached } from "../cache.ts";
import { need } from "../command.ts";
import type { Scene } from "../scenario.ts";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { unpackedDeb } = await import("../debs.ts");
const { lowestLayer } = await import("../generation.ts");
const { bootableReleases, kernelPackages } = await import("../kernel-packages.ts");
const { tinyModule } = await import("../module-packages.ts");
const { installed, scenario } = await import("../scenario.ts");
const { addPrograms } = await import("./library.ts");

const release = (await bootableReleases("cloud-amd64")).at(-1) ?? "";
const linux = await kernelPackages({ pkgbase: "linux", release, image: "debian", headers: "whole" });
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const build = `/usr/lib/modules/${release}/build`;

/** Sets options in the three places where Kbuild reads them; undefined: not set. */
function configure(machine: Scene, options: Readonly<Record<string, string | undefined>>): void {
  const names = Object.keys(options).map((name) => `CONFIG_${name}`);
  const set = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const change = (path: string, added: readonly string[]): void => {
    const kept = machine
      .read(`${build}/${path}`)
      .split("\n")
      .filter((line) => !names.some((name) => line.startsWith(`${name}=`) || line.startsWith(`#define ${name} `)));
    machine.write(`${build}/${path}`, [...kept, ...added, ""].join("\n"));
  };
  for (const path of [".config", "include/config/auto.conf"]) {
    change(
      path,
      set.map(([name, value]) => `CONFIG_${name}=${value}`),
    );
  }
  change(
    "include/generated/autoconf.h",
    set.map(([name, value]) => `#define CONFIG_${name} ${value === "y" ? "1" : value}`),
  );
}

/** The installed object, decompressed, for programs that read ELF. */
async function plainObject(machine: Scene): Promise<string> {
  await machine.need(["sh", "-c", `xz -dc /usr/lib/modules/${release}/updates/dkms/tiny.ko.xz >/root/tiny.ko`]);
  return "/root/tiny.ko";
}

scenario(`clang with ThinLTO: ${release}`, linux.both, async (machine) => {
  await addPrograms(machine, "clang", "lld", "llvm");
  const [, version = ""] = /version ([\d.]+)/.exec(await machine.need(["clang", "--version"])) ?? [];
  const [major = "", minor = "", patch = ""] = version.split(".");
  const number = `${major}${minor.padStart(2, "0")}${patch.padStart(2, "0")}`;
  machine.write(`${build}/.kernelvariables`, "");
  configure(machine, {
    CC_IS_GCC: undefined,
    GCC_VERSION: "0",
    CC_IS_CLANG: "y",
    CLANG_VERSION: number,
    CC_VERSION_TEXT: `"clang version ${version}"`,
    AS_IS_GNU: undefined,
    AS_IS_LLVM: "y",
    AS_VERSION: number,
    LD_IS_BFD: undefined,
    LD_VERSION: "0",
    LD_IS_LLD: "y",
    LLD_VERSION: number,
    LTO_NONE: undefined,
    LTO: "y",
    LTO_CLANG: "y",
    LTO_CLANG_THIN: "y",
    RUST: undefined,
    CC_OPT_INLINE_MEMSET: undefined,
    CC_IMPLICIT_FALLTHROUGH: '"-Wimplicit-fallthrough"',
    // What only gcc understands.
    CC_HAS_MIN_FUNCTION_ALIGNMENT: undefined,
    CC_HAS_UBSAN_BOUNDS_STRICT: undefined,
    UBSAN_BOUNDS_STRICT: undefined,
    UBSAN_ARRAY_BOUNDS: "y",
    FTRACE_MCOUNT_USE_CC: undefined,
    FTRACE_MCOUNT_USE_OBJTOOL: "y",
  });
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", release)]);
  assert.match(machine.read(`/var/lib/dkms/tiny/1.0/${release}/x86_64/log/make.log`), /LLVM=1/);
  const comment = await machine.need(["readelf", "-p", ".comment", await plainObject(machine)]);
  assert.match(comment, /clang version/);
});

scenario(`BTF, with vmlinux in the headers: ${release}`, linux.both, async (machine) => {
  const { folder } = await unpackedDeb(`linux-headers-${release}`);
  copyFileSync(join(folder, `usr/src/linux-headers-${release}/vmlinux`), machine.path(`${build}/vmlinux`));
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", release)]);
  assert.match(await machine.need(["readelf", "-SW", await plainObject(machine)]), / \.BTF /);
});

scenario("another architecture, by a cross compiler", linux.both, async (machine) => {
  const arm = await arm64Headers();
  const tree = `/usr/lib/modules/${arm.release}/build`;
  await addPrograms(machine, "gcc-aarch64-linux-gnu");
  await machine.need([
    "sh",
    "-euc",
    `mkdir -p ${tree} && cp -a ${build}/. ${tree} && rm -r ${tree}/include ${tree}/arch`,
  ]);
  const { folder: common } = await unpackedDeb(`linux-headers-${release.replace(/-cloud-amd64$/, "-common")}`);
  for (const source of [join(common, "usr/src", readdirSync(join(common, "usr/src"))[0] ?? ""), arm.tree]) {
    for (const part of ["include", "arch"]) await need(["cp", "-a", join(source, part), machine.path(tree)]);
  }
  for (const file of [".config", "Module.symvers", ".kernelvariables"]) {
    copyFileSync(join(arm.tree, file), machine.path(`${tree}/${file}`));
  }
  await machine.commit("-U", tiny);
  const built = await machine.need(["dkms", "build", "tiny/1.0", "-k", arm.release, "-a", "aarch64"]);
  assert.ok((await machine.status()).includes(`tiny/1.0, ${arm.release}, aarch64: built`), built);
  const folder = `/var/lib/dkms/tiny/1.0/${arm.release}/aarch64/module`;
  await machine.need(["sh", "-c", `xz -dc ${folder}/tiny.ko.xz >/root/tiny.ko || cp ${folder}/tiny.ko /root/`]);
  assert.match(await machine.need(["readelf", "-h", "/root/tiny.ko"]), /Machine: +AArch64/);
  assert.ok((await machine.need(["modinfo", "-F", "vermagic", "/root/tiny.ko"])).startsWith(`${arm.release} `));
});

/** Debian's headers of the newest kernel for arm64: an apt with sources and state of its own fetches them. */
async function arm64Headers(): Promise<{ readonly release: string; readonly tree: string }> {
  const wanted = release.replace(/amd64$/, "arm64");
  const folder = await cached(`arm64/${wanted}`, async (making) => {
    for (const name of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(making, name), { recursive: true });
    writeFileSync(join(making, "status"), "");
    const sources = readFileSync(join(lowestLayer, "etc/apt/sources.list"), "utf8");
    writeFileSync(
      join(making, "sources.list"),
      sources
        .split("\n")
        .filter((line) => / sid /.test(line))
        .join("\n"),
    );
    const options = [
      "APT::Sandbox::User=root",
      `Dir::Etc::SourceList=${making}/sources.list`,
      "Dir::Etc::SourceParts=/dev/null",
      `Dir::State=${making}`,
      `Dir::State::Status=${making}/status`,
      `Dir::Cache=${making}/cache`,
      "APT::Architecture=arm64",
      "APT::Architectures=arm64",
    ].flatMap((option) => ["-o", option]);
    await need(["apt-get", ...options, "-qq", "update"], { timeout: 600 });
    await need(["apt-get", ...options, "-qq", "download", `linux-headers-${wanted}`], { cwd: making });
    await need(["sh", "-c", "dpkg-deb -x *.deb root && rm *.deb"], { cwd: making });
  });
  return { release: wanted, tree: join(folder, `root/usr/src/linux-headers-${wanted}`) };
}

test.run();
