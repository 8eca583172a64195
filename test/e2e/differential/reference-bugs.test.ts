/** What is clearly unintended in the reference, and what ours does instead: one test for each. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bare, kernels, modules, packed } from "./cast.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const installed = `plain/1.0, ${running}, x86_64: installed`;
const place = `/usr/lib/modules/${running}/updates/dkms`;
const strange = "linux-custom";

const bugged = "the bug";

function bug(title: string, row: Omit<Row, "title">): Row {
  return { title, ...row };
}

const rows: readonly Row[] = [
  bug("1: no action is an error", { run: "dkms", exit: 2, reference: { exit: 0, because: bugged } }),
  bug("1: an unknown action is an error", {
    run: "dkms frobnicate",
    exit: 2,
    reference: { exit: 0, because: bugged },
    tells: /frobnicate/,
  }),
  bug("2: match installs what the other kernel has", {
    before: ["dkms install plain/1.0"],
    run: `dkms match --templatekernel ${running} -k ${packed}`,
    exit: 0,
    proof: `dkms status | grep -qx 'plain/1.0, ${packed}, x86_64: installed'`,
    reference: { exit: 2, leaves: "other files", because: bugged },
  }),
  bug("2: match of one module", {
    before: ["dkms install plain/1.0", "dkms install twofold/1.0"],
    run: `dkms match --templatekernel ${running} -k ${packed} plain`,
    exit: 0,
    proof: `test "$(dkms status -k ${packed} | grep -c installed)" = 1`,
    reference: { leaves: "other files", because: bugged },
  }),
  bug("3: every kernel of a tarball is loaded", {
    before: [
      `dkms build plain/1.0 -k ${running} -k ${packed}`,
      `dkms mktarball plain/1.0 -k ${running} -k ${packed} --archive=/tmp/t.dkms.tar.gz`,
      "dkms remove plain/1.0 --all",
    ],
    run: "dkms ldtarball /tmp/t.dkms.tar.gz",
    exit: 0,
    status: [`plain/1.0, ${packed}, x86_64: built`, `plain/1.0, ${running}, x86_64: built`],
    reference: { status: [`plain/1.0, ${running}, x86_64: built`], because: bugged },
  }),
  bug("4: a module of binaries alone can be installed and removed", {
    before: [
      "dkms build plain/1.0",
      `dkms mktarball plain/1.0 -k ${running} --binaries-only --archive=/tmp/t.dkms.tar.gz`,
      "dkms remove plain/1.0 --all; rm -r /usr/src/plain-1.0",
    ],
    run: "dkms ldtarball /tmp/t.dkms.tar.gz && dkms install plain/1.0 && dkms status | grep -q installed && dkms remove plain/1.0 --all",
    exit: 0,
    status: [],
    paths: ["!/var/lib/dkms/plain", `!${place}/plain.ko`],
    reference: { exit: 1, status: [`plain/1.0, ${running}, x86_64: built`], leaves: "other files", because: bugged },
  }),
  bug("5: one failing kernel of several is a failure", {
    run: `dkms build choosy/1.0 -k ${running} -k ${packed}`,
    exit: 77,
    reference: { exit: 0, because: bugged },
  }),
  bug("6: a source by its path for several kernels", {
    before: ["cp -r /usr/src/plain-1.0 /tmp/mine"],
    run: `dkms install /tmp/mine -k ${running} -k ${packed}`,
    exit: 0,
    reference: { exit: 3, because: bugged },
  }),
  bug("7: a failing depmod is told, and is a failure", {
    before: [
      "dkms build plain/1.0",
      "mv /usr/sbin/depmod /usr/sbin/depmod.real; printf '#!/bin/sh\\nexit 1\\n' >/usr/sbin/depmod; chmod +x /usr/sbin/depmod",
    ],
    run: "dkms install plain/1.0; code=$?; mv /usr/sbin/depmod.real /usr/sbin/depmod; exit $code",
    exit: 6,
    tells: /depmod/,
    status: [`plain/1.0, ${running}, x86_64: built`],
    paths: [`!${place}/plain.ko`],
  }),
  bug("7: depmod runs after kernel_prerm", {
    before: ["dkms install plain/1.0", `grep -q plain.ko /usr/lib/modules/${running}/modules.dep`],
    run: `dkms kernel_prerm -k ${running}`,
    exit: 0,
    proof: `! grep -q plain.ko /usr/lib/modules/${running}/modules.dep`,
    reference: { leaves: "other files", because: "3.0.10 has no such command; later ones run it in vain" },
  }),
  bug("8: post_transaction runs after autoinstall", {
    before: [
      "echo 'post_transaction=\"touch /tmp/ran-for-$kernelver\"' >/etc/dkms/framework.conf",
      "dkms add plain/1.0",
    ],
    run: "dkms autoinstall",
    exit: 0,
    paths: ["/var/lib/dkms/post_transaction.log", `/tmp/ran-for-${running}`],
    reference: { leaves: "other files", because: "3.0.10 knows no post_transaction; later ones do not run it here" },
  }),
  bug("11: a forced build that fails leaves the result as it was", {
    before: ["dkms install plain/1.0", "touch /usr/src/plain-1.0/FAIL"],
    run: "dkms build plain/1.0 --force",
    exit: 10,
    status: [installed],
    reference: { status: ["plain/1.0: added"], because: bugged },
  }),
  bug("12: a tree with a slash at its end", {
    run: "dkms install plain/1.0 --dkmstree /var/lib/dkms/ && dkms status --dkmstree /var/lib/dkms/ | grep -q installed",
    exit: 0,
    reference: { exit: 1, because: bugged },
  }),
  bug("12: a tree behind a link", {
    before: ["mkdir /opt/real; ln -s real /opt/link"],
    run: "dkms install plain/1.0 --dkmstree /opt/link && dkms status --dkmstree /opt/link | grep -q installed; code=$?; rm -r /opt/link /opt/real; exit $code",
    exit: 0,
    reference: { exit: 1, because: bugged },
  }),
  ...[
    ["/tmp/link", "/opt/real"],
    ["/opt/link", "/tmp/real"],
  ].map(([link, real]) =>
    bug(`12: a tree at ${real} behind the link ${link}: a build has a /tmp of its own`, {
      before: [`mkdir ${real}; ln -s ${real} ${link}`],
      run: `dkms install plain/1.0 --dkmstree ${link} && dkms status --dkmstree ${link} | grep -q installed; code=$?; rm -r ${link} ${real}; exit $code`,
      exit: 0,
      reference: { exit: 1, because: bugged },
    }),
  ),
  bug("13: kernels whose names do not begin with a number", {
    before: [
      `cp -a /usr/lib/modules/${packed} /usr/lib/modules/${strange}`,
      `dkms install plain/1.0 -k ${strange} --no-depmod`,
    ],
    run: `dkms status | grep -qx 'plain/1.0, ${strange}, x86_64: installed' && dkms remove plain/1.0 --all --no-depmod`,
    exit: 0,
    paths: [`!/usr/lib/modules/${strange}/updates/dkms/plain.ko.xz`],
    reference: { exit: 1, leaves: "other files", because: bugged },
  }),
  bug("14: one bad conf does not keep autoinstall from the others", {
    before: ["dkms add plain/1.0; dkms add twofold/1.0", "echo PACKAGE_NAME= >/usr/src/plain-1.0/dkms.conf"],
    run: "dkms autoinstall",
    exit: 11,
    status: ["plain/1.0: added", `twofold/1.0, ${running}, x86_64: installed`],
    reference: { exit: 8, status: ["plain/1.0: added", "twofold/1.0: added"], because: bugged },
  }),
  bug("14: modules that are built are installed without headers", {
    before: [
      `dkms build plain/1.0 -k ${bare} --kernelsourcedir /usr/lib/modules/${packed}/build`,
      "dkms add twofold/1.0",
    ],
    run: `dkms autoinstall -k ${bare}`,
    exit: 21,
    proof: `dkms status | grep -q 'plain/1.0, ${bare}, x86_64: installed'`,
    reference: { exit: 11, because: bugged },
  }),
  bug("15: the file of a bad conf is named", {
    before: ["dkms add plain/1.0", "echo PACKAGE_NAME= >/usr/src/plain-1.0/dkms.conf"],
    run: "dkms build plain/1.0",
    exit: 8,
    tells: /plain.*dkms\.conf/,
  }),
  bug("17: ldtarball --force over an added module", {
    before: [
      "dkms build plain/1.0",
      `dkms mktarball plain/1.0 -k ${running} --archive=/tmp/t.dkms.tar.gz`,
      "dkms unbuild plain/1.0",
    ],
    run: "dkms ldtarball /tmp/t.dkms.tar.gz --force",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: built`],
    reference: { exit: 3, because: bugged },
  }),
  bug("18: a value with a quotation mark in it", {
    sources: plainWith(`MAKE='test "a b" = "a b" && cp plain.bin plain.ko'\n`),
    run: "dkms build plain/1.0",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: built`],
  }),
  bug("19: status with an invalid conf", {
    before: ["dkms install plain/1.0", "echo PACKAGE_NAME= >/usr/src/plain-1.0/dkms.conf"],
    run: `dkms status 2>/dev/null | cmp - <(echo '${installed}')`,
    exit: 0,
    reference: { exit: 1, because: bugged },
  }),
  bug("20: uninstall of a module whose conf is invalid by now", {
    before: ["dkms install plain/1.0", "echo PACKAGE_NAME= >/usr/src/plain-1.0/dkms.conf"],
    run: "dkms uninstall plain/1.0",
    exit: 0,
    proof: `dkms status | grep -qx "plain/1.0, ${running}, x86_64: built"`,
    paths: [`!${place}/plain.ko`],
    reference: { exit: 8, leaves: "other files", because: bugged },
  }),
  bug("21: the warning about an excluded module names no file that is not there", {
    run: `dkms build choosy/1.0 >/tmp/out 2>&1; test $? = 77 && ! grep -F x86_64/dkms.conf /tmp/out`,
    exit: 0,
    reference: { exit: 1, because: bugged },
  }),
  bug("23: two packages with an object of the same name do not take each other's place", {
    sources: [
      { name: "one", version: "1.0", objects: ["shared"] },
      { name: "two", version: "1.0", objects: ["shared"] },
    ],
    before: ["dkms install one/1.0", "dkms install two/1.0 --force", "dkms remove two/1.0 --all"],
    run: "dkms remove one/1.0 --all",
    exit: 0,
    status: [],
    paths: [`!${place}/shared.ko`],
  }),
];

const twins = await createTwins();
testRows(twins, rows);

test("10: two builds of one module for two kernels at the same time", async () => {
  await fresh();
  const builds = [running, packed].map((release) => twins.dkms("ours", ["build", "plain/1.0", "-k", release]));
  assert.equal(
    (await Promise.all(builds)).map(({ status }) => status),
    [0, 0],
  );
  assert.is((await twins.dkms("ours", ["status"])).stdout.match(/built$/gm)?.length, 2);
});

test("9: nothing is left running by a build that is interrupted", async () => {
  await fresh('MAKE="sleep 32"\n');
  const { ours } = twins;
  const build = ours.start(["dkms", "build", "plain/1.0"]);
  while ((await ours.run(["pgrep", "-f", "^sleep 32$"])).status !== 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await ours.need(["pkill", "-TERM", "-f", "node .*dkms build"]);
  assert.is((await build.result).status, 143);
  const left = (await ours.need(["ps", "-e", "-o", "args="]))
    .split("\n")
    .filter((line) => /^(?!\[|.*machine-init).*(dkms|sleep 32|bwrap)/.test(line));
  assert.equal(left, []);
});

test("22: the signing key of a tree of one's own lies in that tree", async () => {
  await fresh();
  const { ours } = twins;
  const config = `/usr/lib/modules/${running}/build/include/config/auto.conf`;
  ours.write(config, `${ours.read(config)}CONFIG_MODULE_SIG_HASH="sha256"\n`);
  ours.write(`/usr/lib/modules/${running}/build/scripts/sign-file`, "#!/bin/sh\nexit 0\n", 0o755);
  ours.write("/tmp/tree/.keep", "");
  assert.is((await twins.dkms("ours", ["build", "plain/1.0", "--dkmstree", "/tmp/tree"])).status, 0);
  assert.ok(ours.exists("/tmp/tree/mok.key"));
  assert.not.ok(ours.exists("/var/lib/dkms/mok.key"));
});

test("16: of three modules of the same name in the kernel each comes back", async () => {
  await fresh();
  const { ours } = twins;
  const own = ["kernel/drivers/misc/plain.ko", "extra/plain.ko", "updates/plain.ko"].map(
    (path) => `/usr/lib/modules/${running}/${path}`,
  );
  for (const path of own)
    await ours.need(["install", "-D", "-m", "644", `/usr/lib/modules/${running}/kernel/drivers/misc/in-tree.ko`, path]);
  assert.is((await twins.dkms("ours", ["install", "plain/1.0"])).status, 0);
  assert.is((await twins.dkms("ours", ["remove", "plain/1.0", "--all"])).status, 0);
  for (const path of own) assert.ok(ours.exists(path), `${path} did not come back`);
});

/** Fresh machines in which `plain/1.0` has these lines in its conf. */
async function fresh(conf = ""): Promise<void> {
  const made = modules.map((module) =>
    module.version === "1.0" && module.name === "plain" ? { ...module, conf } : module,
  );
  await twins.reset([await madeUpKernels(kernels), await madeUpModules(made)]);
}

test.after(() => twins.dispose());

test.run();
