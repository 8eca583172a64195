/** The exit codes from 5 on: one row for each situation that has one. */
import { test } from "uvu";
import { bare } from "./cast.ts";
import { confOf } from "./made-up-modules.ts";
import { plainWith, type Row, testRows, unknownCommand } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const result = `/var/lib/dkms/plain/1.0/${running}/x86_64`;
const built = `plain/1.0, ${running}, x86_64: built`;

const rows: readonly Row[] = [
  { title: "exit 5: add --all", run: "dkms add plain/1.0 --all", exit: 5 },
  {
    title: "exit 5: autoinstall --all",
    run: "dkms autoinstall --all",
    exit: 5,
    reference: { exit: 0, because: "3.0.10 passes over --all" },
  },
  {
    title: "exit 5: a patch that leads elsewhere",
    sources: plainWith("PATCH[0]=../x.patch\n"),
    run: "dkms build plain/1.0",
    exit: 5,
  },
  {
    title: "exit 5: a patch that is missing",
    sources: plainWith("PATCH[0]=x.patch\n"),
    run: "dkms build plain/1.0",
    exit: 5,
  },
  {
    title: "exit 6: a patch that does not apply",
    sources: plainWith("PATCH[0]=x.patch\n", {
      "patches/x.patch": "--- a/nosuch\n+++ b/nosuch\n@@ -1 +1 @@\n-one\n+two\n",
    }),
    run: "dkms build plain/1.0",
    exit: 6,
  },
  {
    title: "exit 6: install for a kernel that is not there",
    before: [`dkms build plain/1.0 -k 9.9.9-none --kernelsourcedir /usr/lib/modules/${running}/build`],
    run: "dkms install plain/1.0 -k 9.9.9-none",
    exit: 6,
  },
  {
    title: "exit 6: an object is missing in the result",
    before: ["dkms build plain/1.0", `rm ${result}/module/plain.ko`],
    run: "dkms install plain/1.0",
    exit: 6,
    reference: { exit: 3, because: "3.0.10 counts objects, and builds again what lacks one" },
  },
  {
    title: "exit 6: every object is refused",
    before: ["dkms install plain/2.0"],
    run: "dkms install plain/1.0",
    exit: 6,
    reference: { exit: 0, because: "3.0.10 goes on with none of them" },
    proof: `modinfo -F version /usr/lib/modules/${running}/updates/dkms/plain.ko | grep -qx 2.0`,
  },
  {
    title: "exit 6: an object cannot be copied",
    before: [`mkdir -p /usr/lib/modules/${running}/updates; touch /usr/lib/modules/${running}/updates/dkms`],
    run: "dkms install plain/1.0",
    exit: 6,
    status: [built],
    reference: {
      exit: 0,
      status: [`plain/1.0, ${running}, x86_64: installed (WARNING! Diff between built and installed module!)`],
      because: "3.0.10 does not notice",
    },
  },
  {
    title: "exit 6: a tarball of what is not built",
    before: ["dkms add plain/1.0"],
    run: `dkms mktarball plain/1.0 -k ${running}`,
    exit: 6,
  },
  {
    title: "exit 6: tar cannot write",
    before: ["head -c 100000 /dev/urandom >/usr/src/plain-1.0/noise", "dkms build plain/1.0"],
    run: `mkdir /tmp/full && mount -t tmpfs -o size=4k full /tmp/full && dkms mktarball plain/1.0 -k ${running} --archive=/tmp/full/t.dkms.tar.gz; code=$?; umount /tmp/full; exit $code`,
    exit: 6,
  },
  {
    title: "exit 7: the object does not appear",
    sources: plainWith("BUILT_MODULE_NAME[0]=other\n"),
    run: "dkms build plain/1.0",
    exit: 7,
  },
  {
    title: "exit 7: a tarball with neither source nor objects",
    before: ["cd /tmp && mkdir -p t/dkms_main_tree && tar czf t.dkms.tar.gz -C t ."],
    run: "dkms ldtarball /tmp/t.dkms.tar.gz",
    exit: 7,
  },
  {
    title: "exit 8: no PACKAGE_VERSION",
    before: ["sed -i /PACKAGE_VERSION/d /usr/src/plain-1.0/dkms.conf"],
    run: "dkms build plain/1.0",
    exit: 8,
  },
  {
    title: "exit 8: a source that holds nothing but its conf",
    sources: [{ name: "plain", version: "1.0", objects: [], wholeConf: confOf({ name: "plain", version: "1.0" }) }],
    run: "dkms build plain/1.0",
    exit: 8,
  },
  {
    title: "exit 8: --binaries-only with --source-only",
    run: "dkms mktarball plain/1.0 --binaries-only --source-only",
    exit: 8,
  },
  {
    title: "exit 8: the tarball's module is added already",
    before: ["dkms build plain/1.0", `dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`],
    run: "dkms ldtarball /tmp/t.dkms.tar.gz",
    exit: 8,
  },
  {
    title: "exit 9: the tarball's folder cannot be written",
    before: ["dkms build plain/1.0"],
    run: `dkms mktarball plain/1.0 -k ${running} --archive=/proc/t.dkms.tar.gz`,
    reference: { exit: 6, because: "root may write to /proc by its permissions, so it goes on until tar fails" },
    exit: 9,
  },
  {
    title: "exit 9: an rpm package",
    before: ["echo >/tmp/plain.rpm"],
    run: "dkms add /tmp/plain.rpm",
    exit: 9,
  },
  {
    title: "exit 10: make fails",
    before: ["touch /usr/src/plain-1.0/FAIL"],
    run: "dkms build plain/1.0",
    exit: 10,
    tells: /told to fail/,
  },
  {
    title: "exit 11: autoinstall has failures",
    before: ["dkms add plain/1.0", "dkms add twofold/1.0", "touch /usr/src/plain-1.0/FAIL"],
    run: "dkms autoinstall",
    exit: 11,
    status: ["plain/1.0: added", `twofold/1.0, ${running}, x86_64: installed`],
  },
  {
    title: "exit 12: nothing tells the architecture but the kernel itself, and that is enough",
    before: [
      "cp /usr/bin/uname /tmp/real-uname",
      'printf \'#!/bin/sh\\n[ "$1" = -m ] || exec /tmp/real-uname "$@"\\n\' >/tmp/uname; chmod +x /tmp/uname',
    ],
    run: "mount --bind /tmp/uname /usr/bin/uname; dkms build plain/1.0; code=$?; umount /usr/bin/uname; exit $code",
    exit: 0,
    status: [built],
    reference: { status: ["plain/1.0: added"], because: "it builds for an architecture without a name" },
  },
  {
    title: "exit 13: missing BUILD_DEPENDS",
    before: ["dkms add needy/1.0"],
    run: "dkms build needy/1.0",
    exit: 13,
    reference: {
      exit: 0,
      status: [`needy/1.0, ${running}, x86_64: built`],
      because: "in 3.0.10 only autoinstall looks at them",
    },
    status: ["needy/1.0: added"],
  },
  {
    title: "exit 14: kernel_prerm cannot remove a result",
    before: ["dkms install plain/1.0", `mount --bind ${result} ${result}`],
    run: `dkms kernel_prerm -k ${running}; code=$?; umount ${result}; exit $code`,
    exit: 14,
    reference: unknownCommand,
  },
  {
    title: "exit 15: the build directory cannot be used",
    before: [
      "printf '[Build]\\nSandbox = no\\n' >/etc/dkms-alpm.conf",
      "dkms add plain/1.0",
      "mount -t tmpfs -o ro nothing /var/lib/dkms/plain/1.0/build",
    ],
    run: "dkms build plain/1.0; code=$?; umount /var/lib/dkms/plain/1.0/build; rm /etc/dkms-alpm.conf; exit $code",
    exit: 15,
    status: ["plain/1.0: added"],
    reference: { exit: 10, because: "3.0.10 goes on until make fails" },
  },
  {
    title: "a build directory that is not needed may be what it likes",
    before: ["dkms add plain/1.0", "mount -t tmpfs -o ro nothing /var/lib/dkms/plain/1.0/build"],
    run: "dkms build plain/1.0; code=$?; umount /var/lib/dkms/plain/1.0/build; exit $code",
    exit: 0,
    status: [built],
    reference: { exit: 10, status: ["plain/1.0: added"], because: "it has no other place to build in" },
  },
  {
    title: "exit 16: -k without a kernel",
    run: "dkms build plain/1.0 -k",
    exit: 16,
    reference: { exit: 0, because: "3.0.10 takes the running one" },
  },
  {
    title: "exit 16: -a without an architecture",
    run: "dkms build plain/1.0 -a",
    exit: 16,
    reference: { exit: 0, because: "3.0.10 takes the machine's" },
  },
  {
    title: "exit 16: an empty kernel",
    run: "dkms build plain/1.0 --kernelver=",
    exit: 16,
    reference: { exit: 0, because: "3.0.10 takes the running one" },
  },
  {
    title: "exit 16: an empty architecture",
    run: `dkms build plain/1.0 -k ${running} --arch=`,
    exit: 16,
    reference: { exit: 0, because: "3.0.10 takes the machine's" },
  },
  {
    title: "exit 21: headers missing",
    run: `dkms build plain/1.0 -k ${bare}`,
    exit: 21,
    reference: { exit: 1, because: "21 since 3.1" },
  },
  {
    title: "exit 21: headers missing for autoinstall",
    before: ["dkms add plain/1.0"],
    run: `dkms autoinstall -k ${bare}`,
    exit: 21,
    reference: { exit: 11, because: "21 since 3.1" },
  },
  { title: "exit 77: BUILD_EXCLUSIVE_KERNEL", run: "dkms build choosy/1.0", exit: 77 },
];

const twins = await createTwins();
testRows(twins, rows);

test.after(() => twins.dispose());

test.run();
