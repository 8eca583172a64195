/** What is checked before any work begins, and which check comes first when several would refuse. */
import { test } from "uvu";
import { packed } from "./cast.ts";
import { type Row, testRows, unknownCommand } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
const two = `-k ${running} -k ${packed}`;

/** Commands that the reference's old release does not know. */
const recent: ReadonlySet<string> = new Set(["kernel_postinst", "kernel_preinst", "kernel_prerm", "generate_mok"]);

function row(command: string, words: string, exit: number, given: Partial<Row> = {}): Row {
  const reference = recent.has(command) ? { reference: unknownCommand } : {};
  return {
    title: `${command} ${words} leaves with ${exit}`,
    run: `dkms ${command} ${words}`,
    exit,
    ...reference,
    ...given,
  };
}

const needModule = ["add", "build", "install", "uninstall", "unbuild", "remove", "mktarball"];
const needRegistered = ["uninstall", "unbuild", "remove", "mktarball"];
const oneKernel = ["kernel_postinst", "kernel_preinst", "kernel_prerm"];

const rows: readonly Row[] = [
  ...needModule.map((command) => row(command, "", 1)),
  ...needModule.map((command) => row(command, "plain", 1)),
  ...needRegistered.map((command) => row(command, "nosuch/1.0", 3)),
  ...needRegistered.map((command) =>
    row(command, "plain/1.0", 3, { title: `${command} of what is only a source leaves with 3` }),
  ),
  ...["uninstall", "unbuild", "remove"].map((command) => row(command, `plain/1.0 --all -k ${running}`, 2)),
  ...["uninstall", "unbuild", "remove"].map((command) => row(command, "plain/1.0 --all -a x86_64", 3)),
  ...oneKernel.map((command) => row(command, "", 4)),
  ...oneKernel.map((command) => row(command, two, 4)),
  ...oneKernel.map((command) => row(command, "--all", 5)),
  row("add", "plain/1.0 --all", 5),
  row("autoinstall", "--all", 5, { reference: { exit: 0, because: "3.0.10 passes over --all" } }),
  row("autoinstall", two, 4, { reference: { exit: 0, because: "3.0.10 does not count kernels" } }),
  row("mktarball", "--binaries-only --source-only plain/1.0", 8),
  row("build", `plain/1.0 -k ${running} -a x86_64 -a i686`, 1),
  row("build", `plain/1.0 -k ${running}/x86_64 -a i686`, 1),
  row("status", "plain", 0),
  row("status", "nosuch/9", 0),
  {
    title: "the module is asked for before it is looked for",
    run: "dkms uninstall -m plain",
    exit: 1,
  },

  ...["add plain/1.0", "build plain/1.0", "install plain/1.0", "autoinstall"].map((words) => ({
    title: `${words} by somebody who is not root leaves with 1`,
    run: `${nobody} dkms ${words}`,
    exit: 1,
    status: [],
  })),
  ...["uninstall plain/1.0", "unbuild plain/1.0", "remove plain/1.0"].map((words) => ({
    title: `${words} by somebody who is not root leaves with 1`,
    before: ["dkms install plain/1.0"],
    run: `${nobody} dkms ${words}`,
    exit: 1,
    status: [`plain/1.0, ${running}, x86_64: installed`],
  })),
  ...needRegistered.slice(0, 3).map((command) => ({
    title: `${command} of what is not in the tree leaves with 3 for anybody`,
    run: `${nobody} dkms ${command} nosuch/1.0`,
    exit: 3,
    status: [],
  })),
  {
    title: "match by somebody who is not root leaves with 1",
    run: `${nobody} dkms match --templatekernel ${running} -k ${packed}`,
    exit: 1,
  },
  {
    title: "ldtarball --force by somebody who is not root leaves with 1",
    before: ["dkms build plain/1.0", `dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`],
    run: `${nobody} dkms ldtarball /tmp/t.dkms.tar.gz --force`,
    exit: 1,
  },
  {
    title: "anybody may make a tarball",
    before: ["dkms build plain/1.0"],
    run: `${nobody} dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`,
    exit: 0,
    paths: ["/tmp/t.dkms.tar.gz"],
  },
  {
    title: "generate_mok by somebody who is not root leaves with 1",
    run: `${nobody} dkms generate_mok`,
    exit: 1,
    reference: unknownCommand,
  },
  {
    title: "kernel_postinst by somebody who is not root leaves with 1",
    run: `${nobody} dkms kernel_postinst -k ${running}`,
    exit: 1,
    reference: unknownCommand,
  },
  {
    title: "no-autoinstall switches autoinstall off",
    before: ["touch /etc/dkms/no-autoinstall", "dkms add plain/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    reference: {
      status: [`plain/1.0, ${running}, x86_64: installed`],
      because: "3.0.10 leaves that to its boot wrapper",
    },
    status: ["plain/1.0: added"],
  },
  {
    title: "a broken module cannot be built",
    before: ["dkms add plain/1.0; rm -r /usr/src/plain-1.0"],
    run: "dkms build plain/1.0",
    exit: 4,
    tells: /plain-1\.0/,
  },
  ...["uninstall", "unbuild", "mktarball"].map((command) => ({
    title: `${command} of a broken module leaves with 4`,
    before: ["dkms install plain/1.0; rm -r /usr/src/plain-1.0"],
    run: `dkms ${command} plain/1.0`,
    exit: 4,
  })),
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
