/** AUTOINSTALL and BUILD_DEPENDS: what is built without being asked for, and in which order. */
import { test } from "uvu";
import { plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const rows: readonly Row[] = [
  {
    title: "AUTOINSTALL=no",
    sources: plainWith("AUTOINSTALL=no\n"),
    before: ["dkms add plain/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    reference: { status: [`plain/1.0, ${running}, x86_64: installed`], because: "any value is a yes to 3.0.10" },
    status: ["plain/1.0: added"],
  },
  {
    title: "AUTOINSTALL=YES",
    sources: plainWith("AUTOINSTALL=YES\n"),
    before: ["dkms add plain/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: installed`],
  },
  {
    title: "no AUTOINSTALL",
    sources: plainWith("unset AUTOINSTALL\n"),
    before: ["dkms add plain/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    status: ["plain/1.0: added"],
  },
  {
    title: "BUILD_DEPENDS orders autoinstall",
    sources: [
      { name: "a-needs-b", version: "1.0", conf: "BUILD_DEPENDS[0]=b\n" },
      { name: "b", version: "1.0" },
    ],
    before: ["dkms add a-needs-b/1.0; dkms add b/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    status: [`a-needs-b/1.0, ${running}, x86_64: installed`, `b/1.0, ${running}, x86_64: installed`],
  },
  {
    title: "BUILD_DEPENDS that nobody registered defers the module",
    sources: plainWith("BUILD_DEPENDS[0]=nosuch\n"),
    before: ["dkms add plain/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    reference: { exit: 11, because: "deferred since 3.4, a failure before" },
    status: ["plain/1.0: added"],
  },
  {
    title: "a BUILD_DEPENDS that fails takes the module along",
    sources: [
      { name: "a-needs-b", version: "1.0", conf: "BUILD_DEPENDS[0]=b\n" },
      { name: "b", version: "1.0", conf: "MAKE=false\n" },
    ],
    before: ["dkms add a-needs-b/1.0; dkms add b/1.0"],
    run: "dkms autoinstall",
    exit: 11,
    status: ["a-needs-b/1.0: added", "b/1.0: added"],
  },
  {
    title: "a circle of BUILD_DEPENDS is named",
    sources: [
      { name: "hen", version: "1.0", conf: "BUILD_DEPENDS[0]=egg\n" },
      { name: "egg", version: "1.0", conf: "BUILD_DEPENDS[0]=hen\n" },
    ],
    before: ["dkms add hen/1.0; dkms add egg/1.0"],
    run: "dkms autoinstall",
    exit: 11,
    tells: /egg.*hen|hen.*egg/s,
  },
  {
    title: "BUILD_DEPENDS_REBUILD builds again what depends on a new version",
    sources: [
      { name: "base", version: "1.0" },
      { name: "base", version: "2.0" },
      {
        name: "user",
        version: "1.0",
        conf: "BUILD_DEPENDS[0]=base\nBUILD_DEPENDS_REBUILD=yes\n",
      },
    ],
    before: ["dkms install base/1.0", "dkms install user/1.0"],
    run: "dkms install base/2.0",
    exit: 0,
    reference: { leaves: "other files", because: "3.0.10 does not know it" },
    proof: `grep -qx 2.0 /var/lib/dkms/user/1.0/${running}/x86_64/.dep_base`,
  },
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
