/** A hostile package against the machine: what its build and its conf try fails, whoever runs them. */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildUser } from "../../../src/system/sandbox/build-user.ts";
import { attacks, attackScript, planted, secret, secrets, withKey } from "./attacks.ts";

const bin = resolve(import.meta.dirname, "../../../dist/bin");
const root = fs.mkdtempSync(join(tmpdir(), "dkms-alpm-attacks-"));
const source = join(root, "src/evil-1.0");
const log = join(root, "tree/.dkms-alpm/log/evil-1.0-6.1.0-test-x86_64.log");
const settings = ["core_pipe_limit", "core_pattern", "hostname"].map((name) => `/proc/sys/kernel/${name}`);
const before = settings.map((path) => fs.readFileSync(path, "utf8"));

const servers = [createServer(), createServer(), createServer(), createServer()] as const;

function listen(server: (typeof servers)[number], at: string | number): Promise<void> {
  return new Promise((done, fail) => server.once("error", fail).listen(at, done));
}

function write(path: string, text: string, mode = 0o644): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
  fs.chmodSync(path, mode);
}

/** Numbers of the attacks that worked; throws when not all of them were tried. */
function hits(text: string): readonly number[] {
  assert.ok(text.includes(`TRIED:${attacks.length}:`), `not everything was tried: ${text}`);
  return [...text.matchAll(/HIT:(\d+):/g)].map(([, number]) => Number(number));
}

/** User ids of the attack's processes, as the machine sees them. */
const users = new Set<string>();

function noteUsers(): void {
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (!words[0]?.endsWith("bash") || !words[1]?.endsWith("/attack.sh")) continue;
      const ids = /^Uid:\s+(.*)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      if (ids !== undefined) users.add(ids.split("\t").join(" "));
    } catch {
      // It has ended.
    }
  }
}

const found: Record<string, readonly number[]> = {};

async function prepare(): Promise<void> {
  for (const path of Object.values(secrets)) write(path, `${secret}\n`, path.startsWith("/root/") ? 0o600 : 0o644);
  const [tcp, run, other, abstract] = servers;
  await listen(tcp, 0);
  await listen(run, "/run/dkms-attack.sock");
  await listen(other, "/var/tmp/dkms-attack/sock");
  await listen(abstract, "\0dkms-attack");
  fs.chmodSync("/run/dkms-attack.sock", 0o777);
  const told = {
    TEST_PID: process.pid,
    TEST_COMM: fs.readFileSync("/proc/self/comm", "utf8").trim(),
    TEST_UTS: fs.readlinkSync("/proc/self/ns/uts"),
    TEST_PORT: (tcp.address() as AddressInfo).port,
  };
  write(join(source, "attack.sh"), attackScript(told), 0o755);
  write(
    join(source, "dkms.conf"),
    `PACKAGE_NAME=evil\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME=evil\nDEST_MODULE_LOCATION=/updates
# ${secrets.root} ${secrets.ssh} /var/tmp/dkms-attack /run/dkms-attack.sock
MAKE="echo CONF-BEGIN $(bash "\${BASH_SOURCE%/*}/attack.sh" | tr '\\n' ' ') CONF-END; bash ./attack.sh; grep Uid /proc/self/status; cp /bin/bash shell; chmod 6755 shell; exit 1"\n`,
  );
  write(join(root, "modules/6.1.0-test/build/Makefile"), "all:\n");
  fs.mkdirSync(join(root, "modules/6.1.0-test/build/include"));
  fs.mkdirSync(join(root, "modules/6.1.0-test/kernel"), { recursive: true });

  const trees = ["--dkmstree", "tree", "--sourcetree", "src", "--installtree", "modules"];
  const words = trees.map((word, index) => (index % 2 === 0 ? word : join(root, word)));
  fs.mkdirSync(join(root, "tree"));
  // A descriptor that a caller has left open, and a secret in its environment.
  const directory = fs.openSync("/usr", "r");
  const options = {
    encoding: "utf8" as const,
    env: { ...process.env, DKMS_ATTACK: secret, ATTACK: secret },
    stdio: ["ignore", "pipe", "pipe", directory] as ("ignore" | "pipe" | number)[],
  };
  const [keyctl, ...session] = withKey;
  const dkms = [process.execPath, join(bin, "dkms"), "install", "evil/1.0", "-k", "6.1.0-test", ...words];
  const install = spawn(keyctl, [...session, ...dkms], {
    ...options,
    stdio: ["ignore", "ignore", "ignore", directory],
  });
  const watch = setInterval(noteUsers, 20);
  await new Promise((done) => install.once("exit", done));
  clearInterval(watch);
  assert.ok(fs.existsSync(log), "nothing was built");
  const [, conf = "", build = ""] = /CONF-BEGIN ([^]*?) CONF-END([^]*)/.exec(fs.readFileSync(log, "utf8")) ?? [];
  // The command stands in the log before its output.
  found["the conf in dkms install"] = hits(conf);
  found["the build in dkms install"] = hits(build.slice(build.indexOf("CONF-END")));
  // Lint prints the directory that it refuses.
  write(
    join(source, "dkms.conf"),
    `PACKAGE_NAME=evil\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME=evil\nMAKE=make
# ${secrets.root} ${secrets.ssh} /var/tmp/dkms-attack /run/dkms-attack.sock
DEST_MODULE_LOCATION="CONF-BEGIN $(bash "\${BASH_SOURCE%/*}/attack.sh" | tr '\\n' ' ') CONF-END"\n`,
  );
  const lint = [process.execPath, join(bin, "dkms-pkgbuild"), "lint", source];
  const { stdout } = spawnSync(keyctl, [...session, ...lint], options);
  fs.closeSync(directory);
  const [, linted = ""] = /"CONF-BEGIN (.*) CONF-END" does not begin with/.exec(stdout) ?? [];
  found["the conf in dkms-pkgbuild lint"] = hits(linted);
}

function clean(): void {
  for (const server of servers) server.close();
  for (const path of Object.values(secrets)) fs.rmSync(path, { force: true });
  for (const place of ["/root", "/home", "/var/lib", "/etc", "/srv", "/mnt", "/var/tmp"])
    fs.rmSync(`${place}/dkms-attack`, { recursive: true, force: true });
  for (const path of planted) fs.rmSync(path, { force: true });
  fs.rmSync(root, { recursive: true, force: true });
}

test.after(clean);
try {
  await prepare();
} catch (error) {
  clean();
  throw error;
}

for (const from of ["the conf in dkms install", "the build in dkms install", "the conf in dkms-pkgbuild lint"]) {
  for (const [index, { what }] of attacks.entries()) {
    test(`${from}: ${what}`, () => assert.not.ok(found[from]?.includes(index), "it worked"));
  }
}

for (const path of planted) test(`${path} is not on the machine`, () => assert.not.ok(fs.existsSync(path)));

test("the settings of the kernel are as they were", () => {
  assert.equal(
    settings.map((path) => fs.readFileSync(path, "utf8")),
    before,
  );
});

test("nothing that is set-user-id is left anywhere", () => {
  const tree = fs.readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => join(root, path));
  assert.equal(
    tree.filter((path) => (fs.lstatSync(path).mode & 0o6000) !== 0 && fs.lstatSync(path).isFile()),
    [],
  );
});

test("conf and build looked like root to themselves, and were another user outside", () => {
  assert.match(fs.readFileSync(log, "utf8"), /^Uid:\t0\t0\t0\t0$/m);
  const { uid } = buildUser();
  assert.equal([...users], [`${uid} ${uid} ${uid} ${uid}`]);
});

test.run();
