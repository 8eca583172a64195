/** The options of `dkms` and the words beside them, one row for each rule of the command line. */
import { test } from "uvu";
import { bare, packed } from "./cast.ts";
import { plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const added = "plain/1.0: added";
const built = `plain/1.0, ${running}, x86_64: built`;
const builtPacked = `plain/1.0, ${packed}, x86_64: built`;
const installed = `plain/1.0, ${running}, x86_64: installed`;

const rows: readonly Row[] = [
  { title: "M/V as one word", run: "dkms add plain/1.0", exit: 0, status: [added] },
  { title: "-m M -v V", run: "dkms add -m plain -v 1.0", exit: 0, status: [added] },
  { title: "-m M/V", run: "dkms add -m plain/1.0", exit: 0, status: [added] },
  { title: "--module=M/V", run: "dkms add --module=plain/1.0", exit: 0, status: [added] },
  { title: "--module M/V", run: "dkms add --module plain/1.0", exit: 0, status: [added] },
  { title: "-k K", run: `dkms build plain/1.0 -k ${packed}`, exit: 0, status: [builtPacked] },
  { title: "-k K/A", run: `dkms build plain/1.0 -k ${packed}/x86_64`, exit: 0, status: [builtPacked] },
  { title: "--kernelver=K", run: `dkms build plain/1.0 --kernelver=${packed}`, exit: 0, status: [builtPacked] },
  { title: "--kernelver K", run: `dkms build plain/1.0 --kernelver ${packed}`, exit: 0, status: [builtPacked] },
  { title: "blanks round a value", run: `dkms build plain/1.0 -k ' ${packed} '`, exit: 0, status: [builtPacked] },
  {
    title: "-k repeated",
    run: `dkms build plain/1.0 -k ${running} -k ${packed}`,
    exit: 0,
    status: [builtPacked, built],
  },
  { title: "-a A", run: "dkms build plain/1.0 -a i686", exit: 0, status: [`plain/1.0, ${running}, i686: built`] },
  {
    title: "--arch=A",
    run: "dkms build plain/1.0 --arch=i686",
    exit: 0,
    status: [`plain/1.0, ${running}, i686: built`],
  },
  {
    title: "one -a for several -k",
    run: `dkms build plain/1.0 -k ${running} -k ${packed} -a i686`,
    exit: 0,
    status: [`plain/1.0, ${packed}, i686: built`, `plain/1.0, ${running}, i686: built`],
  },
  { title: "-k=K is no option", run: `dkms build plain/1.0 -k=${packed}`, exit: 2 },
  { title: "-m=M/V is no option", run: "dkms build -m=plain/1.0", exit: 2 },
  { title: "-j4 is no option", run: "dkms build plain/1.0 -j4", exit: 2 },
  { title: "-j N", run: "dkms build plain/1.0 -j 1", exit: 0, status: [built] },
  { title: "-j 0", run: "dkms build plain/1.0 -j 0", exit: 0, status: [built] },
  {
    title: "-c FILE",
    before: [
      "sed s/plain.*/nosuch/ /usr/src/plain-1.0/dkms.conf >/tmp/other.conf",
      "echo PACKAGE_VERSION=1.0 >>/tmp/other.conf",
    ],
    run: "dkms build plain/1.0 -c /tmp/other.conf",
    exit: 7,
  },
  {
    title: "--directive=NAME=VALUE",
    run: "dkms install plain/1.0 --directive=DEST_MODULE_NAME=other",
    exit: 0,
    paths: [`/usr/lib/modules/${running}/updates/dkms/other.ko`, `!/usr/lib/modules/${running}/updates/dkms/plain.ko`],
  },
  { title: "--directive NAME=VALUE", run: "dkms build plain/1.0 --directive BUILT_MODULE_NAME=nosuch", exit: 7 },
  {
    title: "--dkmstree=D",
    before: ["mkdir /tmp/tree"],
    run: "dkms build plain/1.0 --dkmstree=/tmp/tree",
    exit: 0,
    status: [],
    paths: [`/tmp/tree/plain/1.0/${running}/x86_64/module/plain.ko`],
  },
  {
    title: "--dkmstree D",
    before: ["mkdir /tmp/tree"],
    run: "dkms add plain/1.0 --dkmstree /tmp/tree",
    exit: 0,
    paths: ["/tmp/tree/plain/1.0/source"],
  },
  {
    title: "--sourcetree D",
    before: ["mv /usr/src /usr/other; mkdir /usr/src"],
    run: "dkms add plain/1.0 --sourcetree /usr/other; code=$?; cp -a /usr/other/* /usr/src; rm -r /usr/other; exit $code",
    exit: 0,
    proof: 'test "$(readlink /var/lib/dkms/plain/1.0/source)" = /usr/other/plain-1.0',
  },
  {
    title: "--installtree D",
    before: [`mkdir /tmp/kernels; cp -a /usr/lib/modules/${packed} /tmp/kernels/6.1.0-99-elsewhere`],
    run: "dkms install plain/1.0 -k 6.1.0-99-elsewhere --installtree /tmp/kernels",
    exit: 0,
    reference: { exit: 1, leaves: "other files", because: "3.0.10 looks for headers in /lib/modules all the same" },
    paths: ["/tmp/kernels/6.1.0-99-elsewhere/updates/dkms/plain.ko.xz"],
  },
  {
    title: "--kernelsourcedir D",
    run: `dkms build plain/1.0 -k ${bare} --kernelsourcedir /usr/lib/modules/${packed}/build`,
    exit: 0,
    status: [`plain/1.0, ${bare}, x86_64: built`],
  },
  {
    title: "--config=FILE",
    sources: plainWith('BUILD_EXCLUSIVE_CONFIG="CONFIG_SPECIAL"\n'),
    before: ["echo CONFIG_SPECIAL=y >/tmp/config"],
    run: "dkms build plain/1.0 --config=/tmp/config",
    exit: 0,
    reference: { exit: 77, status: ["plain/1.0: added"], because: "3.0.10 does not read it" },
    status: [built],
  },
  {
    title: "--config is looked at",
    sources: plainWith('BUILD_EXCLUSIVE_CONFIG="CONFIG_SPECIAL"\n'),
    before: ["echo >/tmp/config"],
    run: "dkms build plain/1.0 --config=/tmp/config",
    exit: 77,
  },
  {
    title: "--no-depmod",
    before: [`rm /usr/lib/modules/${running}/modules.alias`],
    run: "dkms install plain/1.0 --no-depmod",
    exit: 0,
    status: [installed],
    paths: [`!/usr/lib/modules/${running}/modules.alias`],
  },
  {
    title: "depmod without it",
    before: [`rm /usr/lib/modules/${running}/modules.alias`],
    run: "dkms install plain/1.0",
    exit: 0,
    paths: [`/usr/lib/modules/${running}/modules.alias`],
  },
  {
    title: "--symlink-modules",
    run: "dkms install plain/1.0 --symlink-modules",
    exit: 0,
    proof: `test -L /usr/lib/modules/${running}/updates/dkms/plain.ko && test "$(readlink -f /usr/lib/modules/${running}/updates/dkms/plain.ko)" = "$(readlink -f /var/lib/dkms/plain/1.0/${running}/x86_64/module/plain.ko)"`,
    reference: { leaves: "other files", because: "3.0.10 takes the option and copies all the same" },
  },
  {
    title: "--modprobe-on-install for another kernel",
    run: `dkms install plain/1.0 -k ${packed} --modprobe-on-install`,
    exit: 0,
  },
  {
    title: "--force-version-override installs what the version forbids",
    before: ["dkms install plain/2.0"],
    run: "dkms install plain/1.0 --force-version-override",
    exit: 0,
    proof: `modinfo -F version /usr/lib/modules/${running}/updates/dkms/plain.ko | grep -qx 1.0`,
  },
  {
    title: "--force installs what the version forbids",
    before: ["dkms install plain/2.0"],
    run: "dkms install plain/1.0 --force",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: installed`, `plain/2.0, ${running}, x86_64: built`],
  },
  {
    title: "--force builds without BUILD_DEPENDS",
    run: "dkms build needy/1.0 --force",
    exit: 0,
    status: [`needy/1.0, ${running}, x86_64: built`],
  },
  { title: "--force does not help an excluded module", run: "dkms build choosy/1.0 --force", exit: 77 },
  { title: "-q is silent", run: 'test -z "$(dkms build -q plain/1.0 2>&1)"', exit: 0, status: [built] },
  {
    title: "--quiet is silent about errors",
    run: "dkms build --quiet plain/1.0 --nosuch >/tmp/out 2>&1; test $? = 2 && test ! -s /tmp/out",
    exit: 0,
  },
  {
    title: "--source-only",
    before: ["dkms build plain/1.0"],
    run: "dkms mktarball plain/1.0 --source-only --archive=/tmp/t.dkms.tar.gz",
    exit: 0,
    proof:
      "tar tf /tmp/t.dkms.tar.gz >/tmp/names; grep -q source_tree/plain.bin /tmp/names && ! grep -q x86_64 /tmp/names",
  },
  {
    title: "--binaries-only",
    before: ["dkms build plain/1.0"],
    run: `dkms mktarball plain/1.0 -k ${running} --binaries-only --archive=/tmp/t.dkms.tar.gz`,
    exit: 0,
    proof:
      "tar tf /tmp/t.dkms.tar.gz >/tmp/names; grep -q x86_64/module/plain.ko /tmp/names && ! grep -q source_tree /tmp/names",
  },
  {
    title: "without --archive the tarball has a name and a place of its own",
    before: ["dkms build plain/1.0"],
    run: `dkms mktarball plain/1.0 -k ${running}`,
    exit: 0,
    paths: [`/var/lib/dkms/plain/1.0/tarball/plain-1.0-kernel${running}-x86_64.dkms.tar.gz`],
  },
  {
    title: "--archive=NAME",
    before: ["dkms build plain/1.0"],
    run: `dkms mktarball plain/1.0 -k ${running} --archive=own.tar.gz`,
    exit: 0,
    paths: ["/var/lib/dkms/plain/1.0/tarball/own.tar.gz"],
  },
  { title: "--debug", run: "dkms build plain/1.0 --debug", exit: 0, status: [built] },
  { title: "--verbose", run: "dkms build plain/1.0 --verbose", exit: 0, status: [built] },
  { title: "--version", run: "dkms --version", exit: 0, tells: /^dkms-3\.\d/ },
  { title: "-V", run: "dkms -V", exit: 0, tells: /^dkms-3\.\d/ },
  {
    title: "-h",
    run: "dkms -h",
    exit: 0,
    reference: { exit: 2, because: "3.0.10 knows no such option" },
    tells: /^Usage: /m,
  },
  {
    title: "--help in the middle",
    run: "dkms build --help plain/1.0",
    exit: 0,
    reference: { exit: 2, because: "3.0.10 knows no such option" },
    status: [],
    tells: /^Usage: /m,
  },
  {
    title: "options of the past",
    run: "dkms build plain/1.0 --no-initrd --no-clean-kernel --no-prepare-kernel",
    exit: 0,
    status: [built],
    tells: /--no-initrd/,
  },
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
