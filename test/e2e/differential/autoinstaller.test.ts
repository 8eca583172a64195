/** `dkms_autoinstaller`, which a machine runs at boot: what it installs, and what it leaves with. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bare, packed } from "./cast.ts";
import { plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const program = "/usr/lib/dkms/dkms_autoinstaller";

const rows: readonly Row[] = [
  {
    title: "at boot the running kernel gets what asks for it, dependencies first",
    sources: [
      { name: "a-needs-b", version: "1.0", conf: "BUILD_DEPENDS[0]=b\n" },
      { name: "b", version: "1.0" },
      { name: "quiet", version: "1.0", conf: "AUTOINSTALL=\n" },
    ],
    before: ["dkms add a-needs-b/1.0; dkms add b/1.0; dkms add quiet/1.0"],
    run: `${program} start`,
    exit: 0,
    status: [
      `a-needs-b/1.0, ${running}, x86_64: installed`,
      `b/1.0, ${running}, x86_64: installed`,
      "quiet/1.0: added",
    ],
  },
  {
    title: "a kernel package's hook names the kernel",
    before: ["dkms add plain/1.0"],
    run: `${program} start ${packed}`,
    exit: 0,
    status: [`plain/1.0, ${packed}, x86_64: installed`],
  },
  {
    title: "a failing module does not keep the others from being installed, and is a failure",
    before: ["dkms add plain/1.0; dkms add twofold/1.0", "touch /usr/src/plain-1.0/FAIL"],
    run: `${program} start`,
    exit: 1,
    status: ["plain/1.0: added", `twofold/1.0, ${running}, x86_64: installed`],
    reference: { exit: 11, because: "3.0.10 passes on what autoinstall left with" },
  },
  {
    title: "without headers nothing is tried, and that is no failure",
    before: ["dkms add plain/1.0"],
    run: `${program} start ${bare}`,
    exit: 0,
    status: ["plain/1.0: added"],
    tells: /headers are not installed/,
  },
  {
    title: "an excluded module is no failure",
    sources: plainWith('BUILD_EXCLUSIVE_KERNEL="^2\\."\n'),
    before: ["dkms add plain/1.0"],
    run: `${program} start`,
    exit: 0,
    status: ["plain/1.0: added"],
    reference: { exit: 11, because: "a failure of autoinstall before 3.1" },
  },
];

const twins = await createTwins();
testRows(twins, rows);

test("the second boot builds nothing", async () => {
  const { ours } = twins;
  const [first] = rows;
  assert.ok(first !== undefined);
  const before = (await ours.need(["find", "/var/lib/dkms", "/usr/lib/modules", "-printf", "%p %T@\\n"])).trim();
  const { status, stdout } = await ours.run([program, "start"]);
  assert.is(status, 0);
  assert.not.match(stdout, /Building/);
  assert.is((await ours.need(["find", "/var/lib/dkms", "/usr/lib/modules", "-printf", "%p %T@\\n"])).trim(), before);
});

test.after(() => twins.dispose());

test.run();
