/** The same transactions on two machines, one with dkms and hooks as Arch has them: what is installed at the end is the same, or a row says why ours is better. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { createMachine, type Machine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { projectPackage } from "../project-package.ts";
import { referencePackage } from "../reference-package.ts";
import { linux, linuxLts, linuxNext, newer, older } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });
const fails = await tinyModule({ name: "tiny", moduleVersion: "3.0", fails: { release: newer } });
const dashed = await tinyModule({ name: "dash", moduleVersion: "1.0-2" });
const successor = await tinyModule({
  name: "tiny",
  moduleVersion: "4.0",
  package: "tiny-git-dkms",
  conflicts: ["tiny-dkms"],
});

/** What a module file is called, for a kernel. */
const object = (name: string, release: string): string => `${release}: ${name}`;

interface Row {
  readonly title: string;
  readonly before: readonly string[];
  /** Arguments of pacman. */
  readonly transaction: readonly string[];
  /** `KERNEL: MODULE VERSION` of everything that modprobe finds, sorted. */
  readonly installed: readonly string[];
  /** Where the reference ends otherwise, and why that is worse. */
  readonly reference?: { readonly installed: readonly string[]; readonly because: string };
}

const abort = {
  hook: "[Trigger]\nOperation = Upgrade\nType = Package\nTarget = *\n[Action]\nWhen = PreTransaction\nExec = /bin/false\nAbortOnFail\n",
};

const rows: readonly Row[] = [
  {
    title: "kernel, headers and module in one transaction",
    before: [],
    transaction: ["-U", ...linux.both, tiny],
    installed: [object("tiny 1.0", older)],
  },
  {
    title: "a kernel is upgraded",
    before: [...linux.both, tiny],
    transaction: ["-U", ...linuxNext.both],
    installed: [object("tiny 1.0", newer)],
  },
  {
    title: "headers come again",
    before: [...linux.both, tiny, other],
    transaction: ["-U", linux.headers],
    installed: [object("other 1.0", older), object("tiny 1.0", older)],
  },
  {
    title: "a module is upgraded on two kernels",
    before: [...linux.both, ...linuxLts.both, tiny],
    transaction: ["-U", tinyNext],
    installed: [object("tiny 2.0", older), object("tiny 2.0", newer)],
  },
  {
    title: "a module comes in the same version again",
    before: [...linux.both, tiny],
    transaction: ["-U", tiny],
    installed: [object("tiny 1.0", older)],
  },
  {
    title: "a module goes",
    before: [...linux.both, ...linuxLts.both, tiny, other],
    transaction: ["-R", "tiny-dkms"],
    installed: [object("other 1.0", older), object("other 1.0", newer)],
  },
  {
    title: "one of two kernels goes",
    before: [...linux.both, ...linuxLts.both, tiny],
    transaction: ["-R", "linux-lts", "linux-lts-headers"],
    installed: [object("tiny 1.0", older)],
  },
  {
    title: "another package brings the module",
    before: [...linux.both, tiny],
    transaction: ["--ask", "4", "-U", successor],
    installed: [object("tiny 4.0", older)],
  },
  {
    title: "the new version does not build on one of two kernels",
    before: [...linux.both, ...linuxLts.both, tiny],
    transaction: ["-U", fails],
    installed: [object("tiny 1.0", newer), object("tiny 3.0", older)].toSorted(),
    reference: {
      installed: [object("tiny 3.0", older)],
      because: "the old version has been removed before the new one was tried: that kernel is left without the module",
    },
  },
  {
    title: "headers go, and the kernel stays",
    before: [...linux.both, tiny],
    transaction: ["-R", "linux-headers"],
    installed: [object("tiny 1.0", older)],
    reference: { installed: [], because: "the module of a kernel that still boots is taken away with its headers" },
  },
  {
    title: "a version has a dash",
    before: [...linux.both],
    transaction: ["-U", dashed],
    installed: [object("dash 1.0-2", older)],
    reference: { installed: [], because: "the name of its folder is split at the wrong dash" },
  },
  {
    title: "a transaction is aborted by a hook",
    before: [...linux.both, tiny],
    transaction: ["--hookdir", "/root/hooks", "-U", tinyNext],
    installed: [object("tiny 1.0", older)],
    reference: {
      installed: [],
      because: "the module is removed before it is known whether the transaction takes place",
    },
  },
];

const programs = { ours: await projectPackage(), reference: await referencePackage() };

for (const { title, before, transaction, installed, reference } of share(rows, 4)) {
  test(reference === undefined ? title : `${title}: ${reference.because}`, async () => {
    const [ours, theirs] = await Promise.all([play("ours"), play("reference")]);
    assert.equal(ours, installed.toSorted(), "ours");
    assert.equal(theirs, (reference?.installed ?? installed).toSorted(), "the reference");
  });

  async function play(program: keyof typeof programs): Promise<readonly string[]> {
    const machine = await createMachine({ osRelease: "arch", packages: [programs[program]] });
    try {
      machine.write("/root/hooks/99z-abort.hook", abort.hook);
      if (before.length > 0) await machine.need(["pacman", "--noconfirm", "-U", ...before], { timeout: 300 });
      await machine.pacman(...transaction);
      return await found(machine);
    } finally {
      await machine.dispose();
    }
  }
}

/** Everything that depmod's indexes of all kernels lead to. */
async function found(machine: Machine): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const release of machine.list("/usr/lib/modules")) {
    for (const name of ["tiny", "other", "dash"]) {
      const { status, stdout } = await machine.run(["modinfo", "-k", release, "-F", "version", name]);
      if (status === 0) lines.push(object(`${name} ${stdout.trim()}`, release));
    }
  }
  return lines.toSorted();
}

test.run();
