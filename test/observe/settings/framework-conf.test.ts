/** framework.conf: every key, where values come from, and what may depend on the kernel. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { FrameworkSettings, LateSettings } from "../../../src/model/settings/framework-settings.ts";
import { frameworkFiles, readFrameworkConf, readLateSettings } from "../../../src/observe/settings/framework-conf.ts";
import { scratch, write } from "../conf/scratch.ts";

let count = 0;

/** A directory that stands for /etc/dkms, with these files in it. */
function etc(files: Readonly<Record<string, string>>): string {
  count += 1;
  for (const [name, text] of Object.entries(files)) write(`etc${count}/${name}`, text);
  return join(scratch, `etc${count}`);
}

const clean = { PATH: "/usr/bin:/bin" };

async function read(text: string, environment: Readonly<Record<string, string>> = clean): Promise<FrameworkSettings> {
  return readFrameworkConf(etc({ "framework.conf": text }), { environment });
}

test("without files there are defaults, and no bash is started", async () => {
  const settings = await readFrameworkConf(join(scratch, "none"), { environment: clean, cwd: "/nowhere" });
  const value = Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, "value" in setting ? setting.value : setting]),
  );
  assert.equal(value, {
    sourceTree: "/usr/src",
    dkmsTree: "/var/lib/dkms",
    installTree: "/usr/lib/modules",
    tmpLocation: "/tmp",
    verbose: "no",
    symlinkModules: "no",
    autoinstallAllKernels: "no",
    modprobeOnInstall: "no",
    parallelJobs: undefined,
    gzipOptions: "",
    xzOptions: "--check=crc32 --lzma2=dict=1MiB",
    zstdOptions: "-q --rm -T0",
    trySignModules: "outside-chroot",
    files: [],
    warnings: [],
  });
  assert.is(settings.sourceTree.from, "default");
});

type Row = readonly [text: string, key: keyof FrameworkSettings, value: unknown];
const rows: readonly Row[] = [
  ["source_tree=/src/", "sourceTree", "/src"],
  ["dkms_tree=/tree", "dkmsTree", "/tree"],
  ["install_tree=/modules//", "installTree", "/modules"],
  ["tmp_location=/var/tmp", "tmpLocation", "/var/tmp"],
  ["verbose=1", "verbose", "yes"],
  ["verbose=no", "verbose", "yes"],
  ["verbose=", "verbose", "no"],
  ["symlink_modules=yes", "symlinkModules", "yes"],
  ["autoinstall_all_kernels=yes", "autoinstallAllKernels", "yes"],
  ["modprobe_on_install=true", "modprobeOnInstall", "yes"],
  ["parallel_jobs=8", "parallelJobs", 8],
  ["parallel_jobs=0", "parallelJobs", 0],
  ["parallel_jobs=$((2 * 3))", "parallelJobs", 6],
  ["compress_gzip_opts='-9  -n'", "gzipOptions", "-9 -n"],
  ["compress_xz_opts=-0", "xzOptions", "-0"],
  ["compress_zstd_opts=", "zstdOptions", ""],
  ["try_sign_modules=true", "trySignModules", "always"],
  ["try_sign_modules=false", "trySignModules", "never"],
  ["try_sign_modules=maybe", "trySignModules", "outside-chroot"],
];
for (const [text, key, value] of rows) {
  test(`${text} gives ${key} ${String(value)}`, async () => {
    const settings = await read(text);
    const setting = settings[key];
    assert.ok("value" in setting && "from" in setting);
    if (!("value" in setting)) return;
    assert.is(setting.value, value);
    assert.is(setting.from, text === "verbose=" || text === "try_sign_modules=" ? "default" : settings.files[0]);
    assert.equal(settings.warnings, []);
  });
}

const refused: readonly Row[] = [
  ["parallel_jobs=many", "parallelJobs", undefined],
  ["source_tree=src", "sourceTree", "/usr/src"],
  ["dkms_tree=/a/../b", "dkmsTree", "/var/lib/dkms"],
  ["install_tree=", "installTree", "/usr/lib/modules"],
];
for (const [text, key, value] of refused) {
  test(`${text} does not count, with a warning`, async () => {
    const settings = await read(text);
    assert.equal(settings[key], { value, from: "default" });
    assert.is(settings.warnings.length, 1);
    assert.match(settings.warnings[0] ?? "", text.split("=")[0] ?? "");
    assert.match(settings.warnings[0] ?? "", "framework.conf");
  });
}

test("drop-ins are read afterwards, in the order of their names, and see what is set", async () => {
  const directory = etc({
    "framework.conf": "source_tree=/a\ndkms_tree=/a\ninstall_tree=/a\nprivate=x",
    "framework.conf.d/10-b.conf": "dkms_tree=/b\ninstall_tree=$install_tree//x$private",
    "framework.conf.d/20-c.conf": "install_tree=$install_tree/c",
    "framework.conf.d/.hidden.conf": "source_tree=/hidden",
    "framework.conf.d/other.txt": "source_tree=/other",
  });
  const settings = await readFrameworkConf(directory, { environment: clean });
  assert.equal(settings.sourceTree, { value: "/a", from: `${directory}/framework.conf` });
  assert.equal(settings.dkmsTree, { value: "/b", from: `${directory}/framework.conf.d/10-b.conf` });
  assert.equal(settings.installTree, { value: "/a/x/c", from: `${directory}/framework.conf.d/20-c.conf` });
  assert.equal(settings.files, frameworkFiles(directory));
  assert.is(settings.files.length, 3);
});

test("the jobs may come from the caller's environment, a file beats it", async () => {
  const { parallel_jobs: before } = process.env;
  process.env["parallel_jobs"] = "3";
  try {
    const alone = await readFrameworkConf(join(scratch, "none"));
    assert.equal(alone.parallelJobs, { value: 3, from: "environment" });
    assert.is((await readFrameworkConf(etc({ "framework.conf": "parallel_jobs=5" }))).parallelJobs.value, 5);
  } finally {
    if (before === undefined) delete process.env["parallel_jobs"];
    else process.env["parallel_jobs"] = before;
  }
});

test("other keys do not, whether there are files or not", async () => {
  const trees = { source_tree: "/e", dkms_tree: "/e", install_tree: "/e" };
  const environment = { ...clean, ...trees, verbose: "1", modprobe_on_install: "1" };
  for (const settings of [
    await read(":", environment),
    await readFrameworkConf(join(scratch, "none"), { environment }),
  ]) {
    assert.is(settings.sourceTree.value, "/usr/src");
    assert.is(settings.dkmsTree.value, "/var/lib/dkms");
    assert.is(settings.installTree.value, "/usr/lib/modules");
    assert.is(settings.verbose.value, "no");
    assert.is(settings.modprobeOnInstall.value, "no");
  }
});

test("TMPDIR is where temporary files go unless a file says otherwise", async () => {
  const environment = { ...clean, TMPDIR: "/var/tmp" };
  assert.equal((await read(":", environment)).tmpLocation, { value: "/var/tmp", from: "environment" });
  assert.is((await read("tmp_location=/x", environment)).tmpLocation.value, "/x");
});

const broken: readonly (readonly [what: string, text: string, word: string])[] = [
  ["exit", "dkms_tree=/x; exit 4", "status 4"],
  ["an error", "source_tree=/x\nif", "syntax"],
  ["kill", "kill -9 $$", "ended"],
];
for (const [what, text, word] of broken) {
  test(`a file with ${what} is told of`, async () => {
    const settings = await read(text);
    assert.match(settings.warnings.join(" "), word);
    assert.match(settings.warnings.join(" "), "framework.conf");
    assert.is(settings.installTree.value, "/usr/lib/modules");
  });
}

test("a drop-in that exits does not keep the next one from counting", async () => {
  const directory = etc({ "framework.conf.d/1.conf": "exit", "framework.conf.d/2.conf": "verbose=1" });
  assert.is((await readFrameworkConf(directory, { environment: clean })).verbose.value, "yes");
});

const late: readonly (readonly [text: string, key: keyof LateSettings, value: string | undefined])[] = [
  ['sign_file="/usr/src/linux-${kernelver}/sign-file"', "signFile", "/usr/src/linux-6.6.1/sign-file"],
  ["sign_file='/usr/src/linux-${kernelver}/sign-file'", "signFile", "/usr/src/linux-6.6.1/sign-file"],
  ["mok_signing_key=/key.$arch", "signingKey", "/key.x86_64"],
  ["mok_certificate=/cert", "certificate", "/cert"],
  ['post_transaction="dracut --kver $kernelver"', "postTransaction", "dracut --kver 6.6.1"],
  ["build_environment=/etc/dkms/$kernelver.env", "buildEnvironment", "/etc/dkms/6.6.1.env"],
  ["sign_file=", "signFile", undefined],
];
for (const [text, key, value] of late) {
  test(`late: ${text}`, async () => {
    const directory = etc({ "framework.conf": text });
    const files = frameworkFiles(directory);
    const settings = await readLateSettings(files, { kernelver: "6.6.1", arch: "x86_64" }, { environment: clean });
    assert.equal(settings[key], value === undefined ? undefined : { value, from: files[0] });
  });
}

test("what root runs and signs with never comes from the environment", async () => {
  const environment = { ...clean, sign_file: "/sign", post_transaction: "true", build_environment: "/x" };
  const { signFile, postTransaction, buildEnvironment } = await readLateSettings([], {}, { environment });
  assert.equal([signFile, postTransaction, buildEnvironment], [undefined, undefined, undefined]);
});

test.run();
