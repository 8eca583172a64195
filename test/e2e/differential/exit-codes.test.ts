/** The exit codes of `dkms` up to 4, one row for each situation that has one. */
import { test } from "uvu";
import { packed } from "./cast.ts";
import { type Row, testRows, unknownCommand } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const result = `/var/lib/dkms/plain/1.0/${running}/x86_64`;
const built = `plain/1.0, ${running}, x86_64: built`;

const rows: readonly Row[] = [
  { title: "exit 0: status of a module that nobody knows", run: "dkms status nosuch", exit: 0, status: [] },
  {
    title: "exit 0: it is built already",
    before: ["dkms build plain/1.0"],
    run: "dkms build plain/1.0",
    exit: 0,
    status: [built],
  },
  {
    title: "exit 0: it is installed already",
    before: ["dkms install plain/1.0"],
    run: "dkms install plain/1.0",
    exit: 0,
  },
  {
    title: "exit 0: nothing to uninstall",
    before: ["dkms build plain/1.0"],
    run: "dkms uninstall plain/1.0",
    exit: 0,
    status: [built],
  },
  {
    title: "exit 0: a failing post_transaction command",
    before: ["echo 'post_transaction=false' >/etc/dkms/framework.conf"],
    run: "dkms install plain/1.0",
    exit: 0,
    paths: ["/var/lib/dkms/post_transaction.log"],
    reference: { leaves: "other files", because: "3.0.10 knows no post_transaction" },
  },
  {
    title: "exit 1: not root",
    run: "setpriv --reuid=65534 --regid=65534 --clear-groups dkms install plain/1.0",
    exit: 1,
    status: [],
  },
  {
    title: "exit 1: the tree is a file",
    run: "dkms add plain/1.0 --dkmstree /etc/hostname",
    exit: 1,
    reference: { exit: 0, because: "3.0.10 does not look what it is" },
  },
  { title: "exit 1: no module", run: "dkms build", exit: 1 },
  { title: "exit 1: no version", run: "dkms install -m plain", exit: 1 },
  { title: "exit 1: no version to remove", run: "dkms remove plain --all", exit: 1 },
  {
    title: "exit 1: two architectures for one kernel",
    run: `dkms build plain/1.0 -k ${running} -a x86_64 -a i686`,
    exit: 1,
  },
  { title: "exit 1: match without a template", run: `dkms match -k ${packed}`, exit: 1 },
  { title: "exit 0: no place for temporary files, and no need of one", run: "TMPDIR=/nosuch dkms status", exit: 0 },
  {
    title: "exit 1: no place for the temporary files that are needed",
    before: ["dkms build plain/1.0"],
    run: `TMPDIR=/etc/hostname dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`,
    exit: 1,
    paths: ["!/tmp/t.dkms.tar.gz"],
    reference: { exit: 8, because: "3.0.10 goes on without, until it cannot read the conf" },
  },
  {
    title: "exit 1: generate_mok cannot write its key",
    before: ["echo 'mok_signing_key=/proc/nosuch/mok.key' >/etc/dkms/framework.conf"],
    run: "dkms generate_mok",
    exit: 1,
    reference: unknownCommand,
  },
  { title: "exit 2: an unknown option", run: "dkms build plain/1.0 --nosuch", exit: 2 },
  { title: "exit 2: --all with -k", run: `dkms remove plain/1.0 --all -k ${running}`, exit: 2 },
  {
    title: "exit 2: match of a kernel to itself",
    run: `dkms match --templatekernel ${running} -k ${running}`,
    exit: 2,
  },
  { title: "exit 2: the source directory is missing", run: "dkms add nosuch/1.0", exit: 2 },
  { title: "exit 2: the source directory is missing for a build", run: "dkms build nosuch/1.0", exit: 2 },
  { title: "exit 2: the tarball is missing", run: "dkms ldtarball /nosuch.dkms.tar.gz", exit: 2 },
  { title: "exit 3: --all with -a", run: "dkms remove plain/1.0 --all -a x86_64", exit: 3 },
  {
    title: "exit 3: added already",
    before: ["dkms add plain/1.0"],
    run: "dkms add plain/1.0",
    exit: 3,
    status: ["plain/1.0: added"],
  },
  {
    title: "exit 3: a result directory without a result",
    before: [`dkms add plain/1.0; mkdir -p ${result}`],
    run: "dkms build plain/1.0",
    exit: 3,
    tells: /--force/,
  },
  {
    title: "exit 0: a result directory without a result, by force",
    before: [`dkms add plain/1.0; mkdir -p ${result}`],
    run: "dkms build plain/1.0 --force",
    exit: 0,
    status: [built],
    reference: { exit: 3, status: ["plain/1.0: added"], because: "nothing that it offers takes the directory away" },
  },
  { title: "exit 3: remove what is not in the tree", run: "dkms remove plain/1.0", exit: 3 },
  { title: "exit 3: unbuild what is not in the tree", run: "dkms unbuild plain/1.0", exit: 3 },
  { title: "exit 3: uninstall what is not in the tree", run: "dkms uninstall plain/1.0", exit: 3 },
  { title: "exit 3: a tarball of what is not in the tree", run: "dkms mktarball plain/1.0", exit: 3 },
  {
    title: "exit 3: no dkms.conf in a tarball",
    before: ["cd /tmp && mkdir empty && tar czf empty.tar.gz empty"],
    run: "dkms ldtarball /tmp/empty.tar.gz",
    exit: 3,
    reference: { exit: 7, because: "3.0.10 asks first whether it is an archive of its own" },
  },
  {
    title: "exit 3: match of a module that nobody knows",
    run: `dkms match --templatekernel ${running} -k ${packed} nosuch`,
    exit: 3,
  },
  { title: "exit 4: two actions", run: "dkms add build plain/1.0", exit: 4 },
  {
    title: "exit 4: no os-release",
    run: "mv /etc/os-release /etc/hidden; mv /usr/lib/os-release /usr/lib/hidden; dkms status; code=$?; mv /usr/lib/hidden /usr/lib/os-release; mv /etc/hidden /etc/os-release; exit $code",
    exit: 4,
    reference: { exit: 0, because: "3.0.10 does without it" },
  },
  {
    title: "exit 4: no conf in the source",
    before: ["rm /usr/src/plain-1.0/dkms.conf"],
    run: "dkms add plain/1.0",
    exit: 4,
  },
  {
    title: "exit 4: the conf of -c is missing",
    run: "dkms build plain/1.0 -c /nosuch/dkms.conf",
    exit: 4,
  },
  {
    title: "exit 4: autoinstall for two kernels",
    run: `dkms autoinstall -k ${running} -k ${packed}`,
    exit: 4,
    reference: { exit: 0, because: "3.0.10 does not count them" },
  },
  {
    title: "exit 4: a broken module",
    before: ["dkms install plain/1.0", "rm -r /usr/src/plain-1.0"],
    run: "dkms remove plain/1.0",
    exit: 4,
  },
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
