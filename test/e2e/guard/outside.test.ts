/** Packages that attack the test itself: what they bring is never executed, linked or read as configuration by the trusted side. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cached, contentKey } from "../cache.ts";
import { makePackage, type PackageFile } from "../packages.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, scenario, type Scene } from "../scenario.ts";
import { temptingPaths } from "./tempting-paths.ts";

const guard = "/usr/lib/dkms-alpm/bin/dkms-guard";
/** Where an attack that succeeds leaves its name: no program in the sandbox can write there. */
const loot = "/srv/loot";

/** A program that leaves its name. */
const thief = (name: string): PackageFile => ({ text: `#!/bin/sh\necho "${name} $$" >>${loot}\n`, mode: 0o755 });

/** A shared library that leaves its name in every program that loads it. */
async function library(): Promise<string> {
  const source = `#include <stdio.h>\n__attribute__((constructor)) static void load(void) { FILE *f = fopen("${loot}", "a"); if (f) { fprintf(f, "library\\n"); fclose(f); } }\n`;
  const folder = await cached(`thief/${contentKey([source])}`, async (making) => {
    execFileSync("gcc", ["-shared", "-fPIC", "-x", "c", "-o", join(making, "thief.so"), "-"], { input: source });
  });
  return join(folder, "thief.so");
}
const object = await library();

/** A module with one fault, whose package brings more. */
function attack(
  name: string,
  files: Readonly<Record<string, PackageFile>>,
  conf = "",
  libraries: readonly string[] = [],
) {
  return makePackage({
    name: `${name}-dkms`,
    version: "1-1",
    files: {
      [`usr/src/${name}-1/dkms.conf`]: `PACKAGE_NAME="${name}"\nPACKAGE_VERSION="1"\nBUILT_MODULE_NAME="${name}"\nDEST_MODULE_LOCATION="/extra"\nAUTOINSTALL=yes\n${conf}`,
      [`usr/src/${name}-1/Makefile`]: `obj-m := ${name}.o\n`,
      [`usr/src/${name}-1/${name}.c`]: "#error this module does not build\n",
      ...files,
    },
    fill: {
      key: contentKey([object, libraries]),
      into: (root) => {
        for (const path of libraries) {
          mkdirSync(join(root, path, ".."), { recursive: true });
          execFileSync("cp", [object, join(root, path)]);
        }
        return Promise.resolve();
      },
    },
  });
}

/** Asks the guard about packages that are about to come; `around` starts it. */
async function ask(machine: Scene, name: string, archive: string, around: readonly string[] = []) {
  await machine.need(["cp", archive, "/var/cache/pacman/pkg"]);
  machine.remove(loot);
  const result = await machine.run([...around, guard], { input: `usr/src/${name}-1/dkms.conf\n`, timeout: 240 });
  machine.remove(`/var/cache/pacman/pkg/${archive.split("/").at(-1)}`);
  assert.not.ok(machine.exists(loot), `${name}: ${machine.exists(loot) ? machine.read(loot) : ""}\n${result.output}`);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), [], name);
  assert.ok(result.status === 0 || result.status === 99, `${name}: ${result.status}\n${result.output}`);
  assert.not.match(result.output, "has a bug");
  return result;
}

interface Row {
  readonly what: string;
  readonly files?: Readonly<Record<string, PackageFile>>;
  readonly libraries?: readonly string[];
  readonly conf?: string;
  /** What the guard says; the module does not build where nothing else is named. */
  readonly says?: RegExp;
}

const programs = (...paths: readonly string[]): Readonly<Record<string, PackageFile>> =>
  Object.fromEntries(paths.map((path) => [path, thief(path)]));
const fails =
  /Building \w+\/1 for .* failed|Whether \w+\/1 for .* is not known|(WARNING|ERROR): DKMS modules were not tested|does not tell/;
const deep = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(200, "d")).join("/");

/** One run of the guard for each; what can stand side by side does. */
const rows: readonly Row[] = [
  {
    what: "programs that stand first on the system's path",
    files: programs(
      ...["mount", "umount", "bsdtar", "bwrap", "bash", "sh", "cp", "rm", "flock", "pacman", "pacman-conf"].map(
        (name) => `usr/local/sbin/${name}`,
      ),
      ...["gcc", "make", "node", "unshare", "setpriv", "chown", "readelf", "env"].map(
        (name) => `usr/local/bin/${name}`,
      ),
    ),
  },
  {
    what: "libraries for every program",
    files: {
      "etc/ld.so.preload": "/usr/lib/thief.so\n",
      "etc/ld.so.conf.d/00-thief.conf": "/usr/lib/thief\n",
      "usr/lib/gconv/gconv-modules.d/thief.conf": "module UTF-8// INTERNAL /usr/lib/thief.so 1\n",
      "etc/nsswitch.conf": "passwd: thief files\ngroup: thief\nhosts: thief\n",
      "etc/pam.d/other": "auth required /usr/lib/thief.so\n",
      "etc/environment": "LD_PRELOAD=/usr/lib/thief.so\n",
    },
    libraries: [
      "usr/lib/thief.so",
      "usr/lib/libnss_thief.so.2",
      "usr/lib/thief/libc.so.6",
      "usr/lib/thief/libcap.so.2",
    ],
  },
  {
    what: "the program's own files and its Node",
    files: {
      ...programs("usr/lib/dkms-alpm/bin/dkms-guard", "usr/lib/dkms-alpm/run-hook"),
      "usr/lib/node_modules/execa/index.js": `require("fs").appendFileSync("${loot}", "execa")\n`,
      "usr/lib/dkms-alpm/package.json": "{}",
    },
  },
  { what: "the shell", files: programs("usr/bin/bash", "usr/bin/sh", "usr/bin/dash") },
  {
    what: "settings of DKMS",
    files: {
      "etc/dkms/framework.conf.d/thief.conf": `echo framework >>${loot}\ndkms_tree=/srv/tree\nbuild_environment=/etc/dkms/environment\n`,
      "etc/dkms/framework.conf": `echo framework >>${loot}\n`,
      "etc/dkms/environment": `echo environment >>${loot}\n`,
      "etc/dkms-alpm.conf": "[Guard]\nPolicy = off\n[Build]\nSandbox = no\n",
      "etc/dkms-alpm.conf.d/thief.conf": "[Build]\nSandbox = no\n",
      "etc/pacman.conf": "[options]\nCacheDir = /srv\n",
    },
  },
  {
    what: "a conf that writes where it is read",
    conf: `echo conf >>${loot}\n$(echo conf >>${loot})\nPRE_BUILD="sh -c 'echo x >>${loot}'"\n`,
  },
  {
    what: "a conf that gives answers in the name of its reader",
    conf: 'for fd in /proc/$$/fd/* /proc/$PPID/fd/*; do printf "0\\0001\\000end\\000" >"$fd"; done 2>/dev/null\n',
    // Its answer, that it has no directives, is read before or after the true one: in every evaluation it is another race.
    says: new RegExp(`${fails.source}|is no valid dkms\\.conf for `),
  },
  {
    what: "a conf that traces whoever reads it",
    conf: "for pid in $PPID 1 2 3 4 5; do cat /proc/$pid/mem /proc/$pid/environ; echo >/proc/$pid/mem; kill -9 $pid; done 2>/dev/null\n",
  },
  { what: "a conf that never ends its output", conf: "exec 2>&1; yes x | head -c 600M >&2\n" },
  { what: "a conf that is huge", conf: `${"# thirty letters in a comment..\n".repeat(200_000)}` },
  { what: "a conf that is a link to a secret", files: { "usr/src/extra-1/dkms.conf": { link: "/etc/shadow" } } },
  {
    what: "links out of the source",
    files: {
      "usr/src/linked-1/secret": { link: "/etc/shadow" },
      "usr/src/linked-1/patches": { link: "/root" },
      "usr/src/linked-1/up": { link: "../../../../../../root" },
      "usr/src/linked-1/circle": { link: "circle" },
      "usr/src/linked-1/proc": { link: "/proc/1/environ" },
    },
  },
  { what: "60 nested directories of 200 characters", files: { [`usr/src/deep-1/${deep.slice(0, 3000)}/f`]: "x" } },
  {
    what: "headers whose compiler is a program of their own",
    files: {
      "usr/lib/modules/6.6.6-thief/build/include/config/auto.conf":
        'CONFIG_CC_VERSION_TEXT="/usr/lib/modules/6.6.6-thief/build/cc x"\n',
      "usr/lib/modules/6.6.6-thief/build/.kernelvariables": `CC := $(shell echo make >>${loot})gcc\n`,
      "usr/lib/modules/6.6.6-thief/build/Makefile": `$(shell echo makefile >>${loot})\nall modules:\n\t@echo recipe >>${loot}\n`,
      ...programs(
        ...["cc", "scripts/basic/fixdep", "scripts/mod/modpost", "tools/objtool/objtool"].map(
          (name) => `usr/lib/modules/6.6.6-thief/build/${name}`,
        ),
      ),
      "usr/lib/modules/6.6.6-thief/modules.order": "",
    },
  },
  {
    what: "a compiler by the name of gcc",
    files: {
      ...programs("usr/bin/gcc", "usr/bin/gcc-12", "usr/bin/cc", "usr/bin/ld"),
      "usr/lib/gcc/x86_64-linux-gnu/12/specs": "*cc1:\n/usr/local/bin/gcc\n",
    },
  },
  {
    what: "rules and units",
    files: {
      "usr/lib/udev/rules.d/00-thief.rules": `RUN+="/bin/sh -c 'echo udev >>${loot}'"\n`,
      "usr/lib/systemd/system/thief.service": `[Service]\nExecStart=/bin/sh -c 'echo unit >>${loot}'\n`,
      "usr/lib/locale/C.utf8/LC_MESSAGES": "x",
      "usr/lib/locale/locale-archive": "x",
      "etc/profile.d/thief.sh": `echo profile >>${loot}\n`,
      "etc/bash.bashrc": `echo bashrc >>${loot}\n`,
    },
  },
];

scenario("packages that attack the test of themselves", linux.both, async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\nUnknown = refuse\n");
  await machine.need(["chmod", "600", "/etc/shadow"]);
  for (const [index, { what, files = {}, libraries = [], conf = "", says = fails }] of rows.entries()) {
    const name = what.includes("links out") ? "linked" : what.includes("nested") ? "deep" : `evil${index}`;
    const { output } = await ask(machine, name, await attack(name, files, conf, libraries));
    assert.match(output, says, what);
  }
  const after = await ask(machine, "tiny", await tinyModule({ name: "tiny", moduleVersion: "1" }));
  assert.is(after.status, 0, after.output);
  assert.match(after.output, /tiny\/1 for linux \S+ builds \(/);
});

scenario("200 tempting paths: a trace of what is executed and opened", linux.both, async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\nUnknown = refuse\n");
  const archive = await attack("tempting", programs(...temptingPaths), "", [
    "usr/lib/libc.so.6",
    "usr/lib64/libc.so.6",
  ]);
  const calls = "trace=execve,execveat,open,openat,openat2,clone,clone3,fork,vfork,chroot,pivot_root";
  // `-y` tells where every file that was opened really lies, whatever links and directories led there.
  const trace = ["strace", "-f", "-y", "--pidns-translation", "-qq", "-s", "400", "-e", calls, "-o", "/srv/trace"];
  const { output } = await ask(machine, "tempting", archive, trace);
  assert.match(output, fails);
  assert.ok(temptingPaths.length >= 200, `${temptingPaths.length} paths`);
  const { executed, opened, confined, moved } = trustedSide(machine.read("/srv/trace"));
  assert.ok(executed.length > 10, "the trace shows programs");
  assert.ok(confined > 10, "the trace shows programs in the sandbox");
  assert.equal(moved, [], "nobody outside of the sandbox changes his root to where names mean something else");
  const brought = /\/run\/dkms-alpm\/machine|\/dkms-alpm\/guard\/[^/]+\/(incoming|layers)\//;
  assert.equal(
    executed.filter(({ path }) => brought.test(path)),
    [],
  );
  // Our program reads as data, bsdtar unpacks, cp copies sources: nobody else opens any of it, and nobody links it.
  const readers = /^(node|node-under-test|bsdtar|cp|chown|dkms-guard|MainThread)$/;
  assert.equal(
    opened.filter(({ path, program }) => brought.test(path) && !readers.test(program)),
    [],
  );
  assert.equal(
    opened.filter(({ path, program }) => program !== "bsdtar" && brought.test(path) && /\.so(\.\d+)*$/.test(path)),
    [],
  );
});

interface Traced {
  readonly executed: readonly { readonly program: string; readonly path: string }[];
  /** By the path at which a file really lies. */
  readonly opened: readonly { readonly program: string; readonly path: string }[];
  /** Programs that were started in a sandbox. */
  readonly confined: number;
  /** Calls that change the root. */
  readonly moved: readonly string[];
}

/** What processes have done that do not come from a sandbox: all but bubblewrap and what it starts. */
function trustedSide(trace: string): Traced {
  const calls = trace.split("\n").flatMap((line) => {
    const [, pid = "", text = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === "" ? [] : [{ pid, text }];
  });
  const parents = new Map<string, string>();
  for (const { pid, text } of calls) {
    // Within a process namespace of its own the number is another one, and strace adds ours.
    const child = /^(?:(?:clone3?|v?fork)\(|<\.\.\. (?:clone3?|v?fork) resumed>).* = (\d+)(?: \/\* (\d+) in .*)?$/.exec(
      text,
    );
    if (child !== null) parents.set(child[2] ?? child[1] ?? "", pid);
  }
  const own = new Set<string>();
  const program = new Map<string, string>();
  const isConfined = (pid: string | undefined): boolean =>
    pid !== undefined && (own.has(pid) || isConfined(parents.get(pid)));
  const opened: { program: string; path: string }[] = [];
  const executed: { program: string; path: string }[] = [];
  const moved: string[] = [];
  let confined = 0;
  for (const { pid, text } of calls) {
    const path = /^execve(?:at)?\([^"]*"([^"]*)"/.exec(text)?.[1];
    if (isConfined(pid)) {
      confined += path === undefined ? 0 : 1;
      continue;
    }
    if (/^(chroot|pivot_root)\(/.test(text)) moved.push(text);
    const file = /^(?:open(?:at2?)?\(|<\.\.\. open(?:at2?)? resumed>).* = \d+<(.*)>$/.exec(text)?.[1];
    if (file !== undefined) opened.push({ program: program.get(pid) ?? "node", path: file });
    if (path === undefined || / = -1 /.test(text)) continue;
    if (path.endsWith("/bwrap")) own.add(pid);
    program.set(pid, path.split("/").at(-1) ?? "");
    executed.push({ program: program.get(pid) ?? "", path });
  }
  return { executed, opened, confined, moved };
}

test.run();
