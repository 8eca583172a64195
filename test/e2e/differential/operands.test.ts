/** The words beside the options: paths, patterns, and what is meant where a kernel is not named. */
import { test } from "uvu";
import { packed } from "./cast.ts";
import { type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const added = "plain/1.0: added";
const built = `plain/1.0, ${running}, x86_64: built`;
const builtPacked = `plain/1.0, ${packed}, x86_64: built`;
const installed = `plain/1.0, ${running}, x86_64: installed`;

/** A tarball of what is nowhere else. */
const tarball: readonly string[] = [
  "dkms build plain/1.0",
  `dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`,
  "dkms remove plain/1.0 --all; rm -r /usr/src/plain-1.0",
];

const rows: readonly Row[] = [
  { title: "a word too many", run: "dkms build plain/1.0 surplus", exit: 0, status: [built], tells: /surplus/ },
  {
    title: "a directory with a dkms.conf",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine; rm -r /usr/src/plain-1.0"],
    run: "dkms add /tmp/mine",
    exit: 0,
    status: [added],
    paths: ["/usr/src/plain-1.0/plain.bin"],
  },
  {
    title: "the path of a dkms.conf",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine"],
    run: "dkms add /tmp/mine/dkms.conf",
    exit: 0,
    status: [added],
  },
  {
    title: "a name that leads elsewhere",
    run: "dkms add -m ../evil -v 1",
    exit: 2,
    tells: /The module name "\.\." leads to another directory\./,
  },
  { title: "a directory that is its own place", run: "dkms add /usr/src/plain-1.0", exit: 0, status: [added] },
  {
    title: "install from a directory",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine"],
    run: "dkms install /tmp/mine",
    exit: 0,
    status: [installed],
  },
  {
    title: "build in the current directory",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine"],
    run: "cd /tmp/mine && dkms build .",
    exit: 0,
    status: [built],
  },
  {
    title: "a copy of what is added already",
    before: ["dkms add plain/1.0; cp -r /usr/src/plain-1.0 /tmp/mine"],
    run: "dkms install /tmp/mine",
    exit: 3,
    status: [added],
  },
  {
    title: "the folder of a registered source",
    before: ["dkms add plain/1.0"],
    run: "dkms install /usr/src/plain-1.0",
    exit: 3,
    tells: /dkms install plain\/1\.0/,
  },
  {
    title: "a directory is merged into the source that is there",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine; touch /usr/src/plain-1.0/stale"],
    run: "dkms add /tmp/mine",
    exit: 0,
    paths: ["/usr/src/plain-1.0/stale"],
  },
  {
    title: "with --force the directory takes the place of the source",
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine; touch /usr/src/plain-1.0/stale"],
    run: "dkms add /tmp/mine --force",
    exit: 0,
    paths: ["!/usr/src/plain-1.0/stale"],
  },
  {
    title: "add of a tarball",
    before: tarball,
    run: "dkms add /tmp/t.dkms.tar.gz",
    exit: 0,
    status: [built],
  },
  {
    title: "install of a tarball",
    before: tarball,
    run: "dkms install /tmp/t.dkms.tar.gz",
    exit: 0,
    status: [installed],
    reference: { exit: 3, status: [built], because: "it builds what it has just loaded, and fails" },
  },
  {
    title: "install of a tarball that holds nothing but a source",
    before: ["cd /tmp; mv /usr/src/plain-1.0 .; tar czf source.tar.gz plain-1.0"],
    run: "dkms install /tmp/source.tar.gz",
    exit: 0,
    status: [installed],
    reference: { exit: 7, status: [], because: "3.0.10 takes its own tarballs only" },
  },
  {
    title: "status --all",
    before: ["dkms add plain/1.0"],
    run: "dkms status --all | grep -qx 'plain/1.0: added'",
    exit: 0,
  },
  {
    title: "status with a pattern for the module",
    before: ["dkms add plain/1.0; dkms add twofold/1.0"],
    run: "dkms status 'pl*' | cmp - <(echo plain/1.0: added)",
    exit: 0,
  },
  {
    title: "status with a pattern for the kernel",
    before: [`dkms build plain/1.0 -k ${running} -k ${packed}`],
    run: `dkms status -k '6.1.*' | cmp - <(echo ${builtPacked})`,
    exit: 0,
  },
  {
    title: "status of a kernel that it is not built for",
    before: ["dkms build plain/1.0"],
    run: `dkms status -k ${packed} | cmp - <(echo plain/1.0: added)`,
    exit: 0,
  },
  {
    title: "status for people who are not root",
    before: ["dkms add plain/1.0"],
    run: "setpriv --reuid=65534 --regid=65534 --clear-groups dkms status | cmp - <(echo plain/1.0: added)",
    exit: 0,
  },
  {
    title: "remove without a kernel when another is built",
    before: [`dkms build plain/1.0 -k ${packed}`],
    run: "dkms remove plain/1.0",
    exit: 0,
    status: [builtPacked],
  },
  {
    title: "remove without a kernel when nothing is built",
    before: ["dkms add plain/1.0"],
    run: "dkms remove plain/1.0",
    exit: 0,
    status: [],
  },
  {
    title: "remove --all",
    before: [`dkms install plain/1.0 -k ${running} -k ${packed}`],
    run: "dkms remove plain/1.0 --all",
    exit: 0,
    status: [],
    paths: ["!/var/lib/dkms/plain", "/usr/src/plain-1.0"],
  },
  {
    title: "uninstall --all",
    before: [`dkms install plain/1.0 -k ${running} -k ${packed}`],
    run: "dkms uninstall plain/1.0 --all",
    exit: 0,
    status: [builtPacked, built],
  },
  {
    title: "unbuild --all",
    before: [`dkms install plain/1.0 -k ${running} -k ${packed}`],
    run: "dkms unbuild plain/1.0 --all",
    exit: 0,
    status: [added],
  },
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
