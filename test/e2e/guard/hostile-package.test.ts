/** What a hostile package tries from its conf and from its build fails in the guard, in the install hook, in mkpkg and in the checks of packages. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { attacks, attackScript, planted, secret, secrets, withKey } from "../../act/sandbox/attacks.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, older, scenario, type Scene } from "../scenario.ts";
import { attacked } from "./attacked.ts";

const log = `/var/log/dkms-alpm/evil-1.0-${older}-x86_64.log`;

const settings = ["core_pipe_limit", "core_pattern", "printk"].map((name) => `/proc/sys/kernel/${name}`);

/** A module that tries everything, from its conf and from its build, and whose build fails or not. */
function evil(told: Readonly<Record<string, string | number>>, end: "fails" | "builds"): Promise<string> {
  const make = end === "fails" ? "exit 1" : "make -C ${kernel_source_dir} M=${dkms_tree}/evil/1.0/build modules";
  return tinyModule({
    name: "evil",
    moduleVersion: "1.0",
    files: { "attack.sh": { text: attackScript(told), mode: 0o755 } },
    // Naming what others cannot read opens nothing.
    conf: `# ${secrets.root} ${secrets.ssh} /var/tmp/dkms-attack /run/dkms-attack.sock
MAKE[0]="echo CONF-BEGIN $(bash "\${BASH_SOURCE%/*}/attack.sh" | tr '\\n' ' ') CONF-END; bash ./attack.sh; cp /bin/bash shell; chmod 6755 shell; ${make}"
`,
  });
}

/** Names of what worked, by a text; throws when not everything was tried. */
function hits(where: string, text: string): readonly string[] {
  assert.ok(text.includes(`TRIED:${attacks.length}:`), `${where}: not everything was tried: ${text.slice(-2000)}`);
  return [...text.matchAll(/HIT:(\d+):/g)].map(([, number]) => `${where}: ${attacks[Number(number)]?.what}`);
}

/** What the log of the build says worked, of conf and build; the log goes. */
function found(machine: Scene, by: string): readonly string[] {
  assert.ok(machine.exists(log), `${by}: nothing was built`);
  const [, conf = "", rest = ""] = /CONF-BEGIN ([^]*?) CONF-END([^]*)/.exec(machine.read(log)) ?? [];
  machine.remove(log);
  // The command stands in the log before its output.
  return [...hits(`${by}, conf`, conf), ...hits(`${by}, build`, rest.slice(rest.indexOf("CONF-END")))];
}

/** Files with set-user-id or set-group-id, wherever something of a build is kept. */
const special = [
  "/var/lib/dkms",
  "/var/lib/dkms-alpm",
  "/var/cache/dkms-alpm",
  "/var/log/dkms-alpm",
  "/usr/lib/modules",
];

const harmless = await tinyModule({ name: "evil", moduleVersion: "0.9" });

scenario("a hostile package, wherever its conf and its build run", [...linux.both, harmless], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\n");
  const { told, end } = await attacked(machine);
  const kernel = await machine.need(["cat", ...settings]);
  const fails = await evil(told, "fails");
  const builds = await evil(told, "builds");
  const env = { DKMS_ATTACK: secret, ATTACK: secret };
  const worked: string[] = [];

  const refused = await machine.run([...withKey, "pacman", "--noconfirm", "-U", fails], { env, timeout: 300 });
  assert.is(refused.status, 1, refused.output);
  assert.match(refused.output, /evil\/1\.0/, "the culprit is named");
  worked.push(...found(machine, "guard"));

  const hook = await machine.run([...withKey, "pacman", "--noconfirm", "-U", builds], {
    env: { ...env, DKMS_GUARD: "off" },
    timeout: 300,
  });
  assert.is(hook.status, 0, hook.output);
  worked.push(...found(machine, "install hook"));

  await machine.need(["dkms", "unbuild", "evil/1.0", "-k", older]);
  machine.remove("/var/cache/dkms-alpm");
  await machine.need([...withKey, "dkms", "mkpkg", "evil/1.0", "-k", older, "--output", "/srv/packed"], {
    env,
    timeout: 300,
  });
  worked.push(...found(machine, "mkpkg"));

  await machine.need(["dkms", "unbuild", "evil/1.0", "-k", older]);
  machine.remove("/var/cache/dkms-alpm");
  await machine.need([...withKey, "dkms", "install", "evil/1.0", "-k", older], { env, timeout: 300 });
  worked.push(...found(machine, "dkms install"));

  // It evaluates the conf, which the secrets and the machine outlive.
  await machine.run(["dkms-pkgbuild", "lint", "/usr/src/evil-1.0"], { env, timeout: 300 });

  assert.equal(worked, []);
  assert.equal(
    planted.filter((path) => machine.exists(path)),
    [],
  );
  for (const path of Object.values(secrets)) assert.is(machine.read(path), `${secret}\n`);
  assert.is(await machine.need(["cat", ...settings]), kernel);
  const there = special.filter((path) => machine.exists(path));
  assert.is(await machine.need(["find", ...there, "-type", "f", "-perm", "/6000"]), "");
  assert.is((await machine.run(["grep", "-rlE", `(^|[^/])${secret}`, ...there, "/srv/packed"])).stdout, "");
  const archive = machine.list("/srv/packed").find((name) => name.endsWith(".pkg.tar.zst"));
  const listed = await machine.need(["bsdtar", "-tvf", `/srv/packed/${archive}`]);
  assert.match(listed, /evil\.ko/);
  for (const line of listed.trim().split("\n")) assert.match(line, /^(-rw-r--r--|drwxr-xr-x) +\d+ root +root /);
  assert.not.match(listed, /shell|attack/);
  await end();
});

scenario("each attack works where nothing confines it", [], async (machine) => {
  const { told, end } = await attacked(machine);
  const tried = attacks.filter(({ outside }) => outside !== "not tried");
  machine.write("/srv/attack.sh", attackScript(told, tried), 0o755);
  await machine.need(["mkdir", "/srv/own"]);
  // Its mounts are its own, and a descriptor of its caller is open.
  const words = [...withKey, "unshare", "--mount", "sh", "-c", "exec 9</usr; exec /srv/attack.sh"];
  const { output } = await machine.run(words, { env: { TMPDIR: "/srv/own", DKMS_ATTACK: secret } });
  assert.match(output, `TRIED:${tried.length}:`);
  const shells = await machine.need(["find", "/srv/own", "-perm", "/6000"]);
  const missed = tried.filter(({ what, outside }, index) => {
    if (outside === "perhaps" || output.includes(`HIT:${index}:`)) return false;
    if (what === "a set-user-id bash") return shells === "";
    return !planted.some((path) => what === `writing ${path}` && machine.exists(path));
  });
  assert.equal(missed, [], output);
  // Otherwise a compiler that failed would count.
  assert.ok(machine.tree("/srv/own").some((path) => path.endsWith("/calls")));
  await end();
});

/** Leaves in its result what root would take for its own: links to secrets, devices, pipes, a directory, set-user-id. */
const leavings: Readonly<Record<string, string>> = {
  "a link to shadow": "ln -s /etc/shadow $R/shadow.ko",
  "a link to a key": "ln -s /root/dkms-attack/key $R/mok.ko; ln -s ../../../../../../../root/dkms-attack/key $R/key",
  "a link to a directory": "ln -s /root $R/home; ln -s /etc $R/etc",
  "a link to a log": "ln -s /etc/cron.d/planted $R/log",
  "a pipe": "mkfifo $R/pipe $R/pipe.ko",
  "a set-user-id shell": "cp /bin/bash $R/shell; chmod 6777 $R/shell",
  "private modes": "echo x >$R/open; chmod 0777 $R/open; echo y >$R/shut; chmod 0000 $R/shut",
  "a sparse file": "truncate -s 3T $R/huge",
  "metadata of a package":
    "mkdir -p $R/usr/bin; echo x >$R/usr/bin/planted; echo 'pkgname = linux' >$R/.PKGINFO; echo 'post_install() { echo x >/srv/planted; }' >$R/.INSTALL",
  "names with line breaks": 'echo x >"$R/a\nb"; echo x >"$R/-rf"',
};

scenario(
  "what a build leaves beside its objects reaches neither tree, nor kernel, nor package",
  linux.both,
  async (machine) => {
    machine.write(secrets.root, `${secret}\n`, 0o600);
    await machine.need(["chmod", "600", "/etc/shadow"]);
    const left = Object.values(leavings).map((line) => `( ${line} )`);
    const script = `#!/bin/bash\nR=/var/lib/dkms/sly/1.0/$1/x86_64\n${left.join("\n")}\ntrue\n`;
    const sly = await tinyModule({
      name: "sly",
      moduleVersion: "1.0",
      conf: 'POST_BUILD="leave $kernelver"\n',
      files: { leave: { text: script, mode: 0o755 } },
    });
    const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", sly], { timeout: 300 });
    assert.is(status, 0, output);
    const packed = await machine.run(["dkms", "mkpkg", "sly/1.0", "-k", older, "--output", "/srv/packed"], {
      timeout: 300,
    });
    const places = [...special, "/srv"].filter((path) => machine.exists(path));
    const kinds = ["(", "-type", "l", "-lname", "*shadow*", "-o", "-lname", "*key*", "-o", "-lname", "/root*", ")"];
    assert.is(await machine.need(["find", ...places, ...kinds]), "", "links");
    assert.is(
      await machine.need(["find", ...places, "(", "-type", "p", "-o", "-type", "b", "-o", "-type", "c", ")"]),
      "",
    );
    assert.is(await machine.need(["find", ...places, "-type", "f", "-perm", "/6000"]), "", "set-user-id");
    assert.is(await machine.need(["find", ...places, "-type", "f", "-size", "+1G"]), "", "sparse");
    const tree = `/var/lib/dkms/sly/1.0`;
    if (machine.exists(tree))
      assert.is(
        await machine.need(["find", tree, "-type", "f", "!", "-perm", "644", "!", "-perm", "755"]),
        "",
        "modes",
      );
    assert.is(await machine.need(["find", ...places, "-type", "f", "!", "-user", "root"]), "", "owners");
    assert.is((await machine.run(["grep", "-rl", secret, ...places])).stdout, "");
    assert.not.ok(machine.exists("/srv/planted"));
    assert.not.ok(machine.exists("/usr/bin/planted"));
    assert.equal(
      machine.list("/etc/cron.d").filter((name) => /sly|\.ko/.test(name)),
      [],
    );
    for (const name of machine.list("/srv/packed")) {
      const listed = await machine.need(["bsdtar", "-tvf", `/srv/packed/${name}`]);
      for (const line of listed.trim().split("\n"))
        assert.match(line, /^(-rw-r--r--|drwxr-xr-x) +\d+ root +root /, name);
      assert.match(await machine.need(["bsdtar", "-xOf", `/srv/packed/${name}`, ".PKGINFO"]), /^pkgname = sly-/m);
      assert.not.match(listed, /INSTALL|planted|shell|shadow/);
    }
    assert.is(packed.status, 0, packed.output);
    assert.match(output, "shadow.ko in the result of sly/1.0");
  },
);

/** Is no valid conf for whoever sees more of the machine than a build should. */
const curious = `PACKAGE_NAME=curious
PACKAGE_VERSION=1.0
BUILT_MODULE_NAME=curious
DEST_MODULE_LOCATION=/updates
AUTOINSTALL=yes
MAKE=make
for place in /home /root /var/lib /etc/shadow; do [[ -e $place ]] && DEST_MODULE_LOCATION=/sees$place; done
`;

scenario("an ordinary user's lint, and sources that only root may read", linux.both, async (machine) => {
  machine.write("/srv/curious-1.0/dkms.conf", curious);
  machine.write("/srv/curious-1.0/Makefile", "all:\n");
  const lint = ["dkms-pkgbuild", "lint", "/srv/curious-1.0"];
  const user = await machine.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...lint]);
  assert.is(user.status, 0, user.output);
  // It does notice where it sees more.
  machine.write("/srv/curious-1.0/dkms.conf", curious.replace("/home", "/usr"));
  const more = await machine.run(lint);
  assert.is(more.status, 1, more.output);
  assert.match(more.output, '"/sees/usr" does not begin with');

  await machine.commit("-U", await tinyModule({ name: "shut", moduleVersion: "1.0", conf: ": $(true)\n" }));
  await machine.need(["dkms", "remove", "shut/1.0"]);
  machine.remove("/var/cache/dkms-alpm");
  await machine.need(["chmod", "-R", "go-rwx", "/usr/src/shut-1.0"]);
  const modes = ["find", "/usr/src/shut-1.0", "-printf", "%m %U %G %p\n"];
  const before = await machine.need(modes);
  await machine.need(["dkms", "install", "shut/1.0", "-k", older]);
  assert.is((await machine.modinfo(older, "version", "shut")).trim(), "1.0");
  assert.is(await machine.need(modes), before);
  assert.equal(
    machine.list("/tmp").filter((name) => name.startsWith("dkms-alpm")),
    [],
    "no copy stays",
  );
});

test.run();
