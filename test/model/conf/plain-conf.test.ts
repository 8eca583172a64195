/** What the text of a conf tells by itself, and what is left to bash. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plainConf } from "../../../src/model/conf/plain-conf.ts";

const plain: Readonly<
  Record<string, readonly [text: string, found: Readonly<Record<string, Record<number, string>>>]>
> = {
  "quoted, single-quoted and bare values": [
    `PACKAGE_NAME="zfs"\nPACKAGE_VERSION='2.2'\nAUTOINSTALL=yes\n`,
    { PACKAGE_NAME: { 0: "zfs" }, PACKAGE_VERSION: { 0: "2.2" }, AUTOINSTALL: { 0: "yes" } },
  ],
  "elements, and names in them": [
    'PACKAGE_NAME=a\nBUILT_MODULE_NAME[0]="$PACKAGE_NAME"\nBUILT_MODULE_NAME[12]="${PACKAGE_NAME}-b"\n',
    { PACKAGE_NAME: { 0: "a" }, BUILT_MODULE_NAME: { 0: "a", 12: "a-b" } },
  ],
  "blanks, comments, and comments behind values": [
    "# PACKAGE_NAME=a\n\n   # more\nPACKAGE_NAME=b  # name\nPACKAGE_VERSION=1",
    { PACKAGE_NAME: { 0: "b" }, PACKAGE_VERSION: { 0: "1" } },
  ],
  "the last assignment counts": ["PACKAGE_NAME=a\nPACKAGE_NAME=b\n", { PACKAGE_NAME: { 0: "b" } }],
  "a command that says nothing of objects": [
    `PACKAGE_NAME=a\nMAKE[0]="'make' -C \${kernel_source_dir} M=$dkms_tree/a"\nBUILD_EXCLUSIVE_KERNEL="^(5\\.1[0-9]|6)\\."\n`,
    { PACKAGE_NAME: { 0: "a" } },
  ],
};

for (const [title, [text, found]] of Object.entries(plain)) {
  test(`plain: ${title}`, () => {
    const values = [...(plainConf(text) ?? [])].map(([name, directive]) => [
      name,
      Object.fromEntries(directive.values),
    ]);
    assert.equal(Object.fromEntries(values), found);
  });
}

const forBash: Readonly<Record<string, string>> = {
  "a condition": 'if true; then\nPACKAGE_NAME="a"\nfi\n',
  "two assignments in a line": "PACKAGE_NAME=a PACKAGE_VERSION=1\n",
  "two commands in a line": "PACKAGE_NAME=a; BUILT_MODULE_NAME=b\n",
  "a variable of its own": "name=a\nPACKAGE_NAME=$name\n",
  "an unknown directive, which a function may read": "CFLAGS=x\n",
  "a command substitution": 'MAKE="make $(nproc)"\n',
  "a command substitution in backquotes": "MAKE='make `nproc`'\n",
  "an assignment in an expansion": 'MAKE="make ${BUILT_MODULE_NAME:=x}"\n',
  "an object for certain kernels": 'BUILD_EXCLUSIVE_KERNEL[0]="^6"\n',
  "an object named after the kernel": 'BUILT_MODULE_NAME="a-$kernelver"\n',
  "a name that comes later": 'BUILT_MODULE_NAME="$PACKAGE_NAME"\nPACKAGE_NAME=a\n',
  "a name with a brace behind it": 'PACKAGE_NAME=a\nBUILT_MODULE_NAME="$PACKAGE_NAME}"\n',
  "a glob": "BUILT_MODULE_NAME=*\n",
  "blanks in a name": 'BUILT_MODULE_NAME="a b"\n',
  "an octal index": "BUILT_MODULE_NAME[08]=a\n",
  "an index that is computed": "BUILT_MODULE_NAME[i]=a\n",
  "an addition": "BUILT_MODULE_NAME+=a\n",
  "a value that goes on in the next line": 'MAKE="make \\\nall"\n',
  "quotes in quotes": 'MAKE="make \\"all\\""\n',
  "an escaped dollar": 'MAKE="make \\$HOME"\n',
  "quotes beside quotes": 'PACKAGE_NAME="a"b\n',
  "a command behind a value": "PACKAGE_NAME=a true\n",
  "line ends of another system": "PACKAGE_NAME=a\r\n",
  "a blank before the equals sign": "PACKAGE_NAME =a\n",
  "an indented assignment that a conf may have in a branch": "  exit 0\n",
};

for (const [title, text] of Object.entries(forBash)) {
  test(`for bash: ${title}`, () => assert.is(plainConf(text), undefined));
}

test.run();
