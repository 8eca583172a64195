/** What the directives of dkms.conf say of objects, make, patches and kernels, as far as the command line shows it: one row for each. */
import { test } from "uvu";
import { packed } from "./cast.ts";
import { builds, plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";

const result = `/var/lib/dkms/plain/1.0/${running}/x86_64/module`;
const place = `/usr/lib/modules/${running}/updates/dkms`;
const installed = `plain/1.0, ${running}, x86_64: installed`;

/** A conf that is refused with 8 by add. */
function invalid(title: string, conf: string, given: Partial<Row> = {}): Row {
  return {
    title: `${title} is refused`,
    sources: plainWith(conf),
    run: "dkms add plain/1.0",
    exit: 8,
    status: [],
    ...given,
  };
}

const deprecated = [
  ["CLEAN", "CLEAN='make clean'\n"],
  ["REMAKE_INITRD", "REMAKE_INITRD=yes\n"],
  ["MODULES_CONF", "MODULES_CONF[0]=x\n"],
  ["MODULES_CONF_OBSOLETES", "MODULES_CONF_OBSOLETES=x\n"],
  ["MODULES_CONF_ALIAS_TYPE", "MODULES_CONF_ALIAS_TYPE=x\n"],
  ["MODULES_CONF_OBSOLETE_ONLY", "MODULES_CONF_OBSOLETE_ONLY=x\n"],
] as const;

const twoPatches = 'PATCH[1]=b.patch\nPATCH[0]=a.patch\nMAKE="cp plain.bin plain.ko; grep -qx two added"\n';

const excluded = { exit: 77, status: ["plain/1.0: added"], before: ["dkms add plain/1.0"] } as const;

const rows: readonly Row[] = [
  invalid("no PACKAGE_NAME", "PACKAGE_NAME=\n"),
  invalid("no PACKAGE_VERSION", "PACKAGE_VERSION=\n"),
  invalid("BUILT_MODULE_NAME with .ko", "BUILT_MODULE_NAME[0]=plain.ko\n"),
  invalid("BUILT_MODULE_NAME with .o", "BUILT_MODULE_NAME[0]=plain.o\n"),
  invalid("DEST_MODULE_NAME with .o", "DEST_MODULE_NAME[0]=plain.o\n"),
  invalid("NO_WEAK_MODULES that is neither yes nor no", "NO_WEAK_MODULES=maybe\n", {
    reference: { exit: 0, status: ["plain/1.0: added"], because: "any value is a yes to 3.0.10" },
  }),
  invalid("BUILD_DEPENDS_REBUILD that is neither yes nor no", "BUILD_DEPENDS_REBUILD=maybe\n", {
    reference: { exit: 0, status: ["plain/1.0: added"], because: "3.0.10 does not know it" },
  }),
  invalid(
    "two objects with one destination",
    "BUILT_MODULE_NAME[1]=other\nDEST_MODULE_NAME[1]=plain\nDEST_MODULE_LOCATION[1]=/extra\n",
    { reference: { exit: 0, status: ["plain/1.0: added"], because: "3.0.10 does not compare them" } },
  ),
  ...deprecated.map(([name, conf]) => ({
    title: `${name} is deprecated`,
    sources: plainWith(conf),
    run: "dkms add plain/1.0",
    exit: 0,
    status: ["plain/1.0: added"],
    tells: new RegExp(`Deprecated feature: ${name}\\b.*dkms\\.conf`),
  })),
  invalid("DEST_MODULE_NAME with .ko", "DEST_MODULE_NAME[0]=plain.ko\n"),
  invalid("no DEST_MODULE_LOCATION", "unset DEST_MODULE_LOCATION\n"),
  invalid("DEST_MODULE_LOCATION elsewhere", "DEST_MODULE_LOCATION[0]=/drivers\n"),
  invalid("a second object without a name", "DEST_MODULE_LOCATION[1]=/extra\n"),
  invalid("AUTOINSTALL that is neither yes nor no", "AUTOINSTALL=maybe\n", {
    reference: { exit: 0, status: ["plain/1.0: added"], because: "any value is a yes to 3.0.10" },
  }),
  invalid("the same object twice", "BUILT_MODULE_NAME[1]=plain\nDEST_MODULE_LOCATION[1]=/extra\n", {
    reference: { exit: 0, status: ["plain/1.0: added"], because: "3.0.10 does not compare them" },
  }),
  invalid("a conf that leaves", "exit 0\n"),
  {
    title: "a conf with a syntax error is refused",
    sources: plainWith("if then\n"),
    run: "dkms add plain/1.0",
    exit: 8,
    tells: /dkms\.conf: line 6: /,
    reference: { exit: 0, because: "what stands before the error counts for 3.0.10" },
  },
  {
    title: "zero modules are legal",
    sources: [{ name: "plain", version: "1.0", wholeConf: "PACKAGE_NAME=plain\nPACKAGE_VERSION=1.0\nMAKE=true\n" }],
    run: "dkms install plain/1.0",
    exit: 0,
    reference: { exit: 8, status: [], because: "legal since 3.1" },
    status: [installed],
  },
  builds("BUILT_MODULE_LOCATION", 'MAKE="mkdir sub; cp plain.bin sub/plain.ko"\nBUILT_MODULE_LOCATION[0]=sub\n'),
  {
    title: "DEST_MODULE_NAME",
    sources: plainWith("DEST_MODULE_NAME[0]=other\n"),
    run: "dkms install plain/1.0",
    exit: 0,
    status: [installed],
    paths: [`${place}/other.ko`, `${result}/other.ko`, `!${result}/plain.ko`],
  },
  {
    title: "PACKAGE_NAME is the name of the only object",
    sources: plainWith("unset BUILT_MODULE_NAME\n"),
    run: "dkms install plain/1.0",
    exit: 0,
    paths: [`${place}/plain.ko`],
  },
  {
    title: "STRIP takes debug information away",
    sources: plainWith(""),
    run: "dkms build plain/1.0",
    exit: 0,
    proof: `! objdump -h ${result}/plain.ko | grep -q debug`,
  },
  {
    title: "STRIP=no keeps it",
    sources: plainWith("STRIP[0]=no\n"),
    run: "dkms build plain/1.0",
    exit: 0,
    proof: `objdump -h ${result}/plain.ko | grep -q debug`,
  },
  {
    title: "STRIP[0] counts for objects without one",
    sources: [{ name: "plain", version: "1.0", objects: ["plain", "more"], conf: "STRIP[0]=no\n" }],
    run: "dkms build plain/1.0",
    exit: 0,
    proof: `objdump -h ${result}/more.ko | grep -q debug`,
  },
  builds("MAKE of one's own", 'MAKE[0]="cp plain.bin plain.ko"\n'),
  builds("MAKE is evaluated again when it is used", "MAKE='make -C $kernel_source_dir M=$dkms_tree/plain/1.0/build'\n"),
  builds("MAKE gets the kernel's release", `MAKE='make -f own.mk'\n`, {
    sources: plainWith("MAKE='make -f own.mk'\n", {
      "own.mk": `all:\n\ttest "$(KERNELRELEASE)" = ${running}\n\tcp plain.bin plain.ko\n`,
    }),
  }),
  builds("a command that only contains make is left alone", `MAKE="env X=1 make -f own.mk"\n`, {
    sources: plainWith('MAKE="env X=1 make -f own.mk"\n', {
      "own.mk": 'all:\n\ttest -z "$(KERNELRELEASE)"\n\tcp plain.bin plain.ko\n',
    }),
  }),
  builds(
    "MAKE_MATCH chooses",
    `MAKE[0]=false\nMAKE[1]="cp plain.bin plain.ko"\nMAKE_MATCH[1]="^${running.slice(0, 3)}"\n`,
  ),
  builds(
    "of several MAKE_MATCH that match the last one counts",
    `MAKE[1]=false\nMAKE_MATCH[1]="^."\nMAKE[2]="cp plain.bin plain.ko"\nMAKE_MATCH[2]="."\n`,
    { reference: { exit: 10, status: ["plain/1.0: added"], because: "the first one in 3.0.10" } },
  ),
  builds("MAKE of a later index without MAKE_MATCH is nothing", "MAKE[1]=false\n"),
  builds("MAKE_MATCH that does not match", 'MAKE[0]="cp plain.bin plain.ko"\nMAKE[1]=false\nMAKE_MATCH[1]="^2\\."\n'),
  builds(
    "conditions in the conf",
    `if [[ $kernelver == ${packed} ]]; then MAKE=false; else MAKE="cp plain.bin plain.ko"; fi\n`,
  ),
  builds("PATCH", 'PATCH[0]=add.patch\nMAKE="cp plain.bin plain.ko; test -e added"\n', {
    sources: plainWith('PATCH[0]=add.patch\nMAKE="cp plain.bin plain.ko; test -e added"\n', {
      "patches/add.patch": "--- /dev/null\n+++ b/added\n@@ -0,0 +1 @@\n+one\n",
    }),
  }),
  builds("patches apply in the order of their indices", twoPatches, {
    sources: plainWith(twoPatches, {
      "patches/a.patch": "--- /dev/null\n+++ b/added\n@@ -0,0 +1 @@\n+one\n",
      "patches/b.patch": "--- a/added\n+++ b/added\n@@ -1 +1 @@\n-one\n+two\n",
    }),
  }),
  builds("PATCH_MATCH that does not match", 'PATCH[0]=nosuch.patch\nPATCH_MATCH[0]="^2\\."\n'),
  builds("BUILD_EXCLUSIVE_KERNEL that matches", `BUILD_EXCLUSIVE_KERNEL="^${running.slice(0, 3)}"\n`),
  builds("BUILD_EXCLUSIVE_KERNEL that does not", 'BUILD_EXCLUSIVE_KERNEL="^2\\."\n', excluded),
  builds("BUILD_EXCLUSIVE_ARCH that matches", 'BUILD_EXCLUSIVE_ARCH="x86.64"\n'),
  builds("BUILD_EXCLUSIVE_ARCH that does not", 'BUILD_EXCLUSIVE_ARCH="aarch64"\n', excluded),
  builds("BUILD_EXCLUSIVE_CONFIG that is met", 'BUILD_EXCLUSIVE_CONFIG="CONFIG_RUNNING !CONFIG_NOSUCH"\n'),
  builds("BUILD_EXCLUSIVE_CONFIG that is not", 'BUILD_EXCLUSIVE_CONFIG="CONFIG_NOSUCH"\n', excluded),
  builds("BUILD_EXCLUSIVE_CONFIG with a forbidden option", 'BUILD_EXCLUSIVE_CONFIG="!CONFIG_RUNNING"\n', excluded),
  builds("BUILD_EXCLUSIVE_KERNEL_MIN that is met", "BUILD_EXCLUSIVE_KERNEL_MIN=4.12\n", {}),
  builds("BUILD_EXCLUSIVE_KERNEL_MIN that is not", "BUILD_EXCLUSIVE_KERNEL_MIN=99.1\n", {
    ...excluded,
    reference: { exit: 0, status: [`plain/1.0, ${running}, x86_64: built`], because: "3.0.10 does not know it" },
  }),
  builds("BUILD_EXCLUSIVE_KERNEL_MAX that is met", "BUILD_EXCLUSIVE_KERNEL_MAX=99.1\n", {}),
  builds("BUILD_EXCLUSIVE_KERNEL_MAX that is not", "BUILD_EXCLUSIVE_KERNEL_MAX=4.12\n", {
    ...excluded,
    reference: { exit: 0, status: [`plain/1.0, ${running}, x86_64: built`], because: "3.0.10 does not know it" },
  }),
  {
    title: "BUILD_EXCLUSIVE_KERNEL_MAX=6.1 excludes 6.1.0-9",
    sources: plainWith("BUILD_EXCLUSIVE_KERNEL_MAX=6.1\n"),
    run: `dkms build plain/1.0 -k ${packed}`,
    exit: 77,
    reference: { exit: 0, because: "3.0.10 does not know it" },
  },
  {
    title: "BUILD_EXCLUSIVE_KERNEL_MIN=6.1 allows 6.1.0-9",
    sources: plainWith("BUILD_EXCLUSIVE_KERNEL_MIN=6.1\n"),
    run: `dkms build plain/1.0 -k ${packed}`,
    exit: 0,
  },
  {
    title: "BUILD_EXCLUSIVE_KERNEL[1] excludes one object",
    sources: [
      { name: "plain", version: "1.0", objects: ["plain", "more"], conf: 'BUILD_EXCLUSIVE_KERNEL[1]="^2\\."\n' },
    ],
    run: "dkms install plain/1.0",
    exit: 0,
    reference: { leaves: "other files", because: "only its first element counts before 3.4" },
    status: [installed],
    paths: [`${place}/plain.ko`, `!${place}/more.ko`],
  },
  builds("OBSOLETE_BY a kernel before", "OBSOLETE_BY=4.12\n", {
    ...excluded,
    reference: {
      exit: 0,
      status: [`plain/1.0, ${running}, x86_64: built`],
      because: "3.0.10 looks at it when it installs",
    },
  }),
  builds("OBSOLETE_BY a kernel to come", "OBSOLETE_BY=99.1\n"),
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());

test.run();
