/** What administrators and packagers lay beside a dkms.conf: overrides, and the scripts that it names. */
import { test } from "uvu";
import { packed } from "./cast.ts";
import { confOf, type MadeUpModule } from "./made-up-modules.ts";
import { builds, placing, plainWith, type Row, telling, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const tree = "/var/lib/dkms/plain/1.0";
const place = `/usr/lib/modules/${running}/updates/dkms`;
const installed = `plain/1.0, ${running}, x86_64: installed`;
const log = "/tmp/scripts";
const source = "/usr/src/plain-1.0";
const seen = `plain 1.0 ${running} x86_64 in ${source}`;

/** `dkms WORDS` must leave exactly these lines in the scripts' log. */
function scriptRow(
  [title, conf, run]: readonly [string, string, string],
  lines: readonly string[],
  given: Partial<Row> = {},
): Row {
  const text = lines.map((word) => `${word}\\n`).join("");
  return {
    title,
    sources: plainWith(conf, { "tell.sh": telling(log), "place.sh": placing(log) }),
    run,
    exit: 0,
    proof: `cmp ${log} <(printf '${text}')`,
    ...given,
  };
}

function crlf(module: MadeUpModule): MadeUpModule {
  return { ...module, wholeConf: confOf(module).replaceAll("\n", "\r\n") };
}

const rows: readonly Row[] = [
  {
    title: "an override in /etc/dkms/M.conf",
    before: ["echo 'DEST_MODULE_NAME[0]=other' >/etc/dkms/plain.conf"],
    sources: plainWith(""),
    run: "dkms install plain/1.0",
    exit: 0,
    paths: [`${place}/other.ko`],
  },
  {
    title: "an override in /etc/dkms/M-V-K-A.conf",
    before: [`echo 'MAKE=false' >/etc/dkms/plain-1.0-${running}-x86_64.conf`],
    sources: plainWith(""),
    run: "dkms build plain/1.0",
    exit: 10,
  },
  {
    title: "an override for another kernel",
    before: [`echo 'MAKE=false' >/etc/dkms/plain-1.0-${packed}.conf`],
    sources: plainWith(""),
    run: "dkms build plain/1.0",
    exit: 0,
  },
  {
    title: "a conf with CRLF lines",
    sources: [crlf({ name: "plain", version: "1.0" })],
    run: "dkms install plain/1.0",
    exit: 0,
    reference: {
      exit: 7,
      status: ["plain/1.0: added"],
      because: "3.0.10 takes the carriage returns for a part of the values",
    },
    status: [installed],
  },
  builds("a source_tree in framework.conf", "", {
    before: ["mv /usr/src/plain-1.0 /opt/plain-1.0", "echo source_tree=/opt >/etc/dkms/framework.conf"],
  }),
  scriptRow(["POST_ADD", "POST_ADD='place.sh one two'\n", "dkms add plain/1.0"], [`${source}: one two`]),
  scriptRow(
    [
      "PRE_INSTALL and POST_INSTALL",
      "PRE_INSTALL='tell.sh pre'\nPOST_INSTALL='tell.sh post'\n",
      "dkms install plain/1.0",
    ],
    [`${seen}: pre`, `${seen}: post`],
  ),
  scriptRow(["POST_REMOVE", "POST_REMOVE='place.sh gone'\n", "dkms uninstall plain/1.0"], [`${source}: gone`], {
    before: ["dkms install plain/1.0"],
  }),
  scriptRow(["POST_REMOVE by remove", "POST_REMOVE='place.sh gone'\n", "dkms remove plain/1.0"], [`${source}: gone`], {
    before: ["dkms install plain/1.0"],
  }),
  builds("PRE_BUILD and POST_BUILD run in the build directory", "", {
    sources: plainWith(
      "PRE_BUILD='pre.sh one'\nPOST_BUILD='post.sh two'\nMAKE='cp plain.bin plain.ko; test -e made'\n",
      {
        "pre.sh": `#!/bin/sh\n[ "$PWD/$1" = ${tree}/build/one ] && [ "$module/$module_version/$kernelver/$arch" = plain/1.0/${running}/x86_64 ] && echo plain.bin >made\n`,
        "post.sh": `#!/bin/sh\n[ "$PWD/$2$1" = ${tree}/build/two ]\n`,
      },
    ),
  }),
  builds("a script that cannot be executed is passed over", "PRE_BUILD=pre\n", {
    sources: plainWith("PRE_BUILD=pre\n", { pre: "exit 1\n" }),
    tells: /pre\b.*execut|execut.*pre\b/i,
  }),
  scriptRow(
    ["an override of a script in /etc/dkms/M", "POST_INSTALL=post.sh\n", "dkms install plain/1.0"],
    [`plain 1.0 ${running} x86_64 in /etc/dkms/plain: `],
    {
      reference: { leaves: "other files", because: "since 3.4" },
      before: ["mkdir -p /etc/dkms/plain; cp /usr/src/plain-1.0/tell.sh /etc/dkms/plain/post.sh"],
    },
  ),
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
