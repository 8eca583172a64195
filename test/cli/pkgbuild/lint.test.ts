/** `dkms-pkgbuild lint`: every fault is found, with its line; what is as it should be gives no finding. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const program = resolve(import.meta.dirname, "../../../dist/bin/dkms-pkgbuild");

type Files = Readonly<Record<string, string>>;

const recipe = `_name=tiny
pkgname=$_name-dkms
pkgver=1.0
pkgrel=1
arch=(any)
depends=(dkms)
source=(tiny.c Makefile dkms.conf)

package() {
  install -Dm644 -t "$pkgdir/usr/src/$_name-$pkgver" tiny.c Makefile dkms.conf
  sed -i "s/@PKGVER@/$pkgver/" "$pkgdir/usr/src/$_name-$pkgver/dkms.conf"
  install -Dm644 LICENSE "$pkgdir/usr/share/licenses/$pkgname/LICENSE"
}
`;

const conf = `PACKAGE_NAME="tiny"
PACKAGE_VERSION="@PKGVER@"
BUILT_MODULE_NAME[0]="tiny"
DEST_MODULE_LOCATION[0]="/kernel/drivers/misc"
MAKE[0]="make KVER=$kernelver"
AUTOINSTALL="yes"
`;

const good: Files = { PKGBUILD: recipe, "dkms.conf": conf, Makefile: "obj-m := tiny.o\n" };

/** The files of the good package, with a text replaced in one of them. */
function changed(file: string, from: string, to: string): Files {
  const text = good[file] ?? "";
  if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`);
  return { ...good, [file]: text.replace(from, to) };
}

interface Row {
  readonly title: string;
  readonly files: Files;
  readonly found: readonly string[];
}

const rows: readonly Row[] = [
  { title: "a good package", files: good, found: [] },
  {
    title: "a good source directory",
    files: { "dkms.conf": conf, Makefile: "obj-m := tiny.o\n" },
    found: [],
  },
  {
    title: "the name lacks -dkms",
    files: changed("PKGBUILD", "pkgname=$_name-dkms", "pkgname=tiny"),
    found: ["PKGBUILD:2 warning package-name"],
  },
  {
    title: "a package from git is called -dkms-git",
    files: changed("PKGBUILD", "pkgname=$_name-dkms", "pkgname=tiny-dkms-git"),
    found: [],
  },
  {
    title: "no dependency on dkms",
    files: changed("PKGBUILD", "depends=(dkms)", "depends=(bash)"),
    found: ["PKGBUILD:6 error no-dkms-dependency"],
  },
  {
    title: "dependency on headers",
    files: changed("PKGBUILD", "depends=(dkms)", "depends=(\n  dkms\n  'linux-headers'\n)"),
    found: ["PKGBUILD:8 error headers-dependency"],
  },
  {
    title: "headers to make the package",
    files: changed("PKGBUILD", "source=", "makedepends=(linux-lts-headers)\nsource="),
    found: ["PKGBUILD:7 warning headers-dependency"],
  },
  {
    title: "the version once more",
    files: changed(
      "PKGBUILD",
      'sed -i "s/@PKGVER@/$pkgver/" "$pkgdir/usr/src/$_name-$pkgver',
      'sed -i "s/@PKGVER@/$pkgver/" "$pkgdir/usr/src/tiny-1.0',
    ),
    found: ["PKGBUILD:11 warning literal-version"],
  },
  {
    title: "PACKAGE_VERSION is another one",
    files: changed("dkms.conf", "@PKGVER@", "0.9"),
    found: ["dkms.conf:2 error version-differs"],
  },
  { title: "PACKAGE_VERSION is the same", files: changed("dkms.conf", "@PKGVER@", "1.0"), found: [] },
  {
    title: "a directive of the past",
    files: changed("dkms.conf", 'AUTOINSTALL="yes"\n', 'AUTOINSTALL="yes"\nREMAKE_INITRD="yes"\n'),
    found: ["dkms.conf:7 warning deprecated"],
  },
  {
    title: "AUTOINSTALL is missing",
    files: changed("dkms.conf", 'AUTOINSTALL="yes"\n', ""),
    found: ["dkms.conf:1 warning not-autoinstalled"],
  },
  {
    title: "AUTOINSTALL is no",
    files: changed("dkms.conf", 'AUTOINSTALL="yes"', 'AUTOINSTALL="no"'),
    found: ["dkms.conf:6 warning not-autoinstalled"],
  },
  {
    title: "a place that dkms refuses",
    files: changed("dkms.conf", "/kernel/drivers/misc", "/drivers/misc"),
    found: ["dkms.conf:4 error destination"],
  },
  {
    title: "no name of a module",
    files: changed("dkms.conf", 'PACKAGE_NAME="tiny"\n', ""),
    found: ["dkms.conf:1 error conf-invalid"],
  },
  {
    title: "jobs of its own, in the conf",
    files: changed("dkms.conf", "make KVER", "make -j$(nproc) KVER"),
    found: ["dkms.conf:5 warning own-jobs"],
  },
  {
    title: "jobs of its own, in the makefile",
    files: { ...good, Makefile: "obj-m := tiny.o\nall:\n\t$(MAKE) -C $(KDIR) -j8 modules\n" },
    found: ["Makefile:3 warning own-jobs"],
  },
  {
    title: "a module that BUILD_DEPENDS does not name, in the makefile",
    files: {
      ...good,
      Makefile: "obj-m := tiny.o\nKBUILD_EXTRA_SYMBOLS := /var/lib/dkms/base/1/$(KVER)/x86_64/module/Module.symvers\n",
    },
    found: ["Makefile:2 warning undeclared-dependency"],
  },
  {
    title: "its own directory in the dkms tree",
    files: { ...good, Makefile: "obj-m := tiny.o\nX := /var/lib/dkms/tiny/1/build $(dkms_tree)/tiny/1\n" },
    found: [],
  },
  {
    title: "the makefile builds for the running kernel",
    files: { ...good, Makefile: "# uname -r\nKDIR ?= /lib/modules/$(shell uname -r)/build\n" },
    found: ["Makefile:2 error running-kernel"],
  },
  {
    title: "the conf hands over what the makefile asks uname for",
    files: { ...good, Makefile: "KVER ?= $(shell uname -r)\n" },
    found: [],
  },
  {
    title: "the conf hands over what the makefile makes of uname's answer",
    files: { ...good, Makefile: "KV ?= $(shell uname -r)\nKVER ?= $(KV)\n" },
    found: [],
  },
  {
    title: "the conf builds for the running kernel",
    files: changed("dkms.conf", "KVER=$kernelver", "KVER=`uname -r`"),
    found: ["dkms.conf:5 error running-kernel"],
  },
  {
    title: "the PKGBUILD asks for the running kernel",
    files: changed("PKGBUILD", "source=", '_kernel="$(uname -r)"\nsource='),
    found: ["PKGBUILD:7 error running-kernel"],
  },
  {
    title: "scriptlets do the work of hooks",
    files: {
      ...good,
      "tiny.install": `post_install() {
  echo "load it by modprobe tiny"
  # depmod -a
  dkms install tiny/1.0
  [ -e /x ] && /usr/bin/depmod -a; modprobe tiny
  cat <<EOT
modprobe tiny
EOT
}
`,
    },
    found: ["tiny.install:4 error dkms-command", "tiny.install:5 error dkms-command"],
  },
  {
    title: "package() builds",
    files: changed("PKGBUILD", "package() {\n", "package() {\n  dkms build -m tiny -v 1.0\n"),
    found: ["PKGBUILD:10 error dkms-command"],
  },
  {
    title: "files in other places",
    files: changed("PKGBUILD", "package() {\n", 'package() {\n  install -D blob "$pkgdir/usr/lib/tiny/blob"\n'),
    found: ["PKGBUILD:10 warning outside-source"],
  },
  {
    title: "files below a variable, and a directory with a slash at its end",
    files: changed(
      "PKGBUILD",
      "package() {\n",
      'package() {\n  install -d "$pkgdir/usr/share/"\n  install -D blob "$pkgdir/$_dir/blob"\n',
    ),
    found: [],
  },
  {
    title: "a built module",
    files: changed(
      "PKGBUILD",
      "package() {\n",
      'package() {\n  install -D tiny.ko "${pkgdir}"/usr/lib/modules/6.1/tiny.ko\n',
    ),
    found: ["PKGBUILD:10 error built-module"],
  },
  {
    title: "a PKGBUILD that bash cannot read",
    files: changed("PKGBUILD", "arch=(any)", "arch=(any))"),
    found: ["PKGBUILD:5 error unreadable"],
  },
  {
    title: "a PKGBUILD that leaves the shell",
    files: changed("PKGBUILD", "arch=(any)", "exit 0"),
    found: ["PKGBUILD: error unreadable"],
  },
  {
    title: "a conf that leaves the shell",
    files: changed("dkms.conf", "MAKE[0]", "exit 3\nMAKE[0]"),
    found: ["dkms.conf:1 error conf-invalid", "dkms.conf:7 warning not-autoinstalled"],
  },
];

const packages: readonly Row[] = [
  { title: "a good one", files: built({}), found: [] },
  {
    title: "the folder is not NAME-VERSION",
    files: built({ "usr/src/tiny/dkms.conf": installedConf("1.0") }, "usr/src/tiny-1.0/dkms.conf"),
    found: ["usr/src/tiny/dkms.conf:1 error folder-name"],
  },
  {
    title: "PACKAGE_VERSION and folder are of an older release",
    files: built({ "usr/src/tiny-0.9/dkms.conf": installedConf("0.9") }, "usr/src/tiny-1.0/dkms.conf"),
    found: ["usr/src/tiny-0.9/dkms.conf:2 error version-differs"],
  },
  {
    title: "no conf at all",
    files: built({ "usr/src/tiny-1.0/tiny.c": "" }, "usr/src/tiny-1.0/dkms.conf"),
    found: [": error no-conf"],
  },
  {
    title: "files in other places, and a built module",
    files: built({ "usr/lib/tiny/blob": "", "usr/lib/modules/6.1/tiny.ko.zst": "", "etc/modprobe.d/tiny.conf": "" }),
    found: [": error built-module", ": warning outside-source"],
  },
  {
    title: "no dependency on dkms",
    files: built({ ".PKGINFO": "pkgname = tiny-dkms\npkgver = 1.0-1\n" }),
    found: [".PKGINFO:1 error no-dkms-dependency"],
  },
  {
    title: "a scriptlet that loads the module",
    files: built({ ".INSTALL": "post_install() {\n  modprobe tiny\n}\n" }),
    found: [".INSTALL:2 error dkms-command"],
  },
];

function installedConf(version: string): string {
  return conf.replace("@PKGVER@", version);
}

/** The files of a good package, with others in it and one left out. */
function built(more: Files, without = ""): Files {
  const files: Files = {
    ".PKGINFO": "pkgname = tiny-dkms\npkgver = 1.0-1\ndepend = dkms\n",
    "usr/src/tiny-1.0/dkms.conf": installedConf("1.0"),
    "usr/share/licenses/tiny-dkms/LICENSE": "",
    ...more,
  };
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== without));
}

/** The findings of the program for a path, `FILE:LINE severity code`, sorted. */
function lint(path: string, base: string): readonly string[] {
  if (!existsSync(program)) throw new Error(`${program} does not exist: run scripts/build first`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "lint", "--json", path], {
    encoding: "utf8",
  });
  assert.is(stderr, "");
  const {
    packages: [{ findings }],
  } = JSON.parse(stdout) as {
    packages: [{ findings: { path: string; line?: number; severity: string; code: string }[] }];
  };
  assert.is(status, findings.some(({ severity }) => severity === "error") ? 1 : 0);
  return findings
    .map((one) => `${one.path.slice(base.length + 1)}:${one.line ?? ""} ${one.severity} ${one.code}`)
    .toSorted();
}

function withFiles(files: Files, work: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "dkms-alpm-lint-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const { title, files, found } of rows) {
  test(title, () => withFiles(files, (directory) => assert.equal(lint(directory, directory), found.toSorted())));
}

for (const { title, files, found } of packages) {
  test(`built package: ${title}`, () =>
    withFiles(files, (directory) => {
      const archive = `${directory}.pkg.tar`;
      try {
        const { status } = spawnSync("bsdtar", ["-cf", archive, "-C", directory, ...Object.keys(files)]);
        assert.is(status, 0);
        assert.equal(
          lint(archive, archive).map((line) => line.replace(/^\d+ /, ": ")),
          found.toSorted(),
        );
      } finally {
        rmSync(archive, { force: true });
      }
    }));
}

test("what lint reads can change nothing and learns no secrets", () => {
  const mark = join(tmpdir(), `dkms-alpm-mark-${process.pid}`);
  const shell = `touch ${mark}; cat /etc/shadow >&2; echo x > "$PWD/left"\n`;
  withFiles({ ...good, PKGBUILD: `${shell}${recipe}`, "dkms.conf": `${shell}${conf}` }, (directory) => {
    const { stdout, stderr } = spawnSync(process.execPath, [program, "lint", directory], { encoding: "utf8" });
    assert.not.match(stdout + stderr, /root:/);
    assert.not.ok(existsSync(mark));
    assert.not.ok(existsSync(join(directory, "left")));
  });
});

test("a finding says where, what, why and how to fix it", () =>
  withFiles(changed("dkms.conf", 'AUTOINSTALL="yes"', 'AUTOINSTALL="no"'), (directory) => {
    const { stdout, stderr } = spawnSync(process.execPath, [program, "lint", directory], { encoding: "utf8" });
    const [where = "", why = "", fix = ""] = stdout.split("\n");
    assert.is(where, `${directory}/dkms.conf:6: warning: AUTOINSTALL is not yes`);
    assert.match(why, /is not built/);
    assert.match(fix, /AUTOINSTALL="yes"/);
    assert.is(stderr, "1 package: 0 errors, 1 warning\n");
  }));

test.run();
