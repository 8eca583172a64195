/** What users of DKMS have reported: each beside the reference. */
import { test } from "uvu";
import { leaving, plainWith, type Row, testRows } from "./rows.ts";
import type { MadeUpKernel } from "./made-up-kernels.ts";
import { createTwins, running } from "./twins.ts";

const first = { name: "first", version: "1.0", objects: ["same"] };
const second = { name: "second", version: "2.0", objects: ["same"] };
const place = `/usr/lib/modules/${running}/updates/dkms/same.ko`;
const isVersion = (version: string): string => `modinfo -F version ${place} | grep -qx ${version}`;

/** Writes down what it sees of the environment, and signs. */
const signer = '#!/bin/sh\necho "$KBUILD_SIGN_PIN $PKCS11_LIBRARY" >/tmp/signer\nprintf signed >>"$4"\n';
const signed: readonly MadeUpKernel[] = [
  { release: running, config: ["CONFIG_MODULE_SIG=y", 'CONFIG_MODULE_SIG_HASH="sha512"'] },
];
const signing = [
  `printf '%s' '${signer}' >/etc/dkms/signer; chmod 755 /etc/dkms/signer`,
  "echo key >/etc/dkms/key; echo certificate >/etc/dkms/certificate",
  "echo 'export KBUILD_SIGN_PIN=1234secret PKCS11_LIBRARY=/lib/token.so' >/etc/dkms/variables",
  "printf '%s\\n' try_sign_modules=true sign_file=/etc/dkms/signer mok_signing_key=/etc/dkms/key mok_certificate=/etc/dkms/certificate build_environment=/etc/dkms/variables >/etc/dkms/framework.conf",
];

const rows: readonly Row[] = [
  {
    title: "autoinstall takes the newest version that fits the kernel",
    sources: [
      { name: "plain", version: "1.0" },
      { name: "plain", version: "2.0", conf: 'BUILD_EXCLUSIVE_KERNEL="^none"\n' },
    ],
    before: ["dkms add plain/1.0; dkms add plain/2.0"],
    run: "dkms autoinstall",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: installed`, "plain/2.0: added"],
    reference: {
      exit: 11,
      status: ["plain/1.0: added", "plain/2.0: added"],
      because: "it looks at the newest version only",
    },
  },
  {
    title: "a dependency that nobody declares is there at the second try",
    sources: [
      { name: "base", version: "1.0", conf: "PRE_BUILD=slow.sh\n", files: { "slow.sh": "#!/bin/sh\nsleep 2\n" } },
      {
        name: "zdep",
        version: "1.0",
        conf: "PRE_BUILD=check.sh\n",
        files: { "check.sh": "#!/bin/sh\ntest -e /var/lib/dkms/base/kernel-$kernelver-$arch\n" },
      },
    ],
    before: ["dkms add base/1.0; dkms add zdep/1.0"],
    run: "dkms autoinstall",
    exit: 0,
    status: [`base/1.0, ${running}, x86_64: installed`, `zdep/1.0, ${running}, x86_64: installed`],
    tells: /zdep\/1\.0 .*is tried once more, now that base\/1\.0 is installed/,
  },
  {
    title: "a newer object of another module takes the place",
    sources: [first, second],
    before: ["dkms install first/1.0"],
    run: "dkms install second/2.0",
    exit: 0,
    tells: /takes the place of that of first\/1\.0, which is kept as its original/,
    proof: isVersion("2.0"),
  },
  {
    title: "two new modules with the same object, at once",
    sources: [first, second],
    before: ["dkms add first/1.0; dkms add second/2.0"],
    run: "dkms autoinstall",
    exit: 0,
    tells: /takes the place of that of first\/1\.0, which is kept as its original/,
    proof: isVersion("2.0"),
  },
  {
    title: "uninstalling it brings the first one back",
    sources: [first, second],
    before: ["dkms install first/1.0", "dkms install second/2.0"],
    run: "dkms uninstall second/2.0",
    exit: 0,
    status: [`first/1.0, ${running}, x86_64: installed`, `second/2.0, ${running}, x86_64: built`],
    proof: isVersion("1.0"),
    reference: {
      status: [
        `first/1.0, ${running}, x86_64: installed (WARNING! Diff between built and installed module!)`,
        `second/2.0, ${running}, x86_64: built`,
      ],
      leaves: "other files",
      because: "it keeps no copy of what stands in its own directory",
    },
  },
  {
    title: "an older object of another module is refused",
    sources: [first, second],
    before: ["dkms install second/2.0"],
    run: "dkms install first/1.0",
    exit: 6,
    status: [`first/1.0, ${running}, x86_64: built`, `second/2.0, ${running}, x86_64: installed`],
    proof: isVersion("2.0"),
    reference: {
      exit: 0,
      status: [
        `first/1.0, ${running}, x86_64: installed (WARNING! Diff between built and installed module!)`,
        `second/2.0, ${running}, x86_64: installed`,
      ],
      because: "3.0.10 reports the refusal, calls the module installed and exits with status 0",
    },
  },
  {
    title: "a destination with .. that stays below the kernel's directory",
    sources: plainWith('DEST_MODULE_LOCATION[0]="/kernel/../misc/"\n'),
    run: "dkms install plain/1.0",
    exit: 0,
    status: [`plain/1.0, ${running}, x86_64: installed`],
  },
  {
    title: "what build_environment exports reaches sign-file",
    sources: plainWith('PRE_BUILD="show.sh"\n', { "show.sh": "#!/bin/sh\nenv\n" }),
    kernels: signed,
    before: signing,
    run: "dkms install plain/1.0",
    exit: 0,
    proof: "grep -qx '1234secret /lib/token.so' /tmp/signer",
    reference: { leaves: "other files", because: "3.0.10 does not know build_environment" },
  },
  {
    title: "the PIN of a signing key stands in no log and nothing that is kept",
    sources: plainWith('PRE_BUILD="show.sh"\n', { "show.sh": "#!/bin/sh\nenv\n" }),
    kernels: signed,
    before: [...signing, "dkms install plain/1.0"],
    run: "grep -rqs PKCS11_LIBRARY=/lib/token.so /var/lib/dkms/plain/1.0/*/*/log",
    exit: 0,
    proof: "! grep -rqs 1234secret /var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm /var/log/dkms-alpm",
    reference: { exit: 1, because: "3.0.10 does not know build_environment" },
  },
  {
    title: "a key of the administrator survives a slip in mok_certificate",
    sources: plainWith(""),
    kernels: signed,
    before: [...signing, "sed -i s,certificate$,typo, /etc/dkms/framework.conf"],
    run: "dkms install plain/1.0",
    exit: 0,
    proof: "grep -qx key /etc/dkms/key && test ! -e /etc/dkms/typo",
    reference: { leaves: "other files", because: "it makes a new key over the old one" },
  },
  {
    title: "mktarball does not write over a file that is none of its own",
    sources: plainWith("", { "fail.sh": leaving(1) }),
    before: ["dkms add plain/1.0", "echo precious >/tmp/precious.tar"],
    run: "dkms mktarball plain/1.0 --source-only --archive=/tmp/precious.tar",
    exit: 6,
    proof: "grep -qx precious /tmp/precious.tar",
    reference: { exit: 0, leaves: "other files", because: "it overwrites what is there" },
  },
];

const twins = await createTwins();
testRows(twins, rows);
test.after(() => twins.dispose());
test.run();
