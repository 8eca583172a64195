import { test } from "uvu";
import * as assert from "uvu/assert";
import { lastTransaction } from "../../../src/observe/pacman/transaction-log.ts";

const at = (line: string): string => `[2026-11-21T06:00:00+0000] ${line}\n`;

const earlier = [
  at("[ALPM] transaction started"),
  at("[ALPM] installed old (1-1)"),
  at("[ALPM] transaction completed"),
];

test("only the last transaction counts, with everything that changes a package", () => {
  const log = [
    ...earlier,
    at("[PACMAN] Running 'pacman -Syu'"),
    at("[ALPM] running '05-dkms-guard.hook'..."),
    at("[ALPM] transaction started"),
    at("[ALPM] removed zfs-dkms (2.2.2-1)"),
    at("[ALPM] installed zfs-dkms-git (2.3.r1-1)"),
    at("[ALPM] upgraded linux-firmware (20260101-1 -> 20260201-1)"),
    at("[ALPM-SCRIPTLET] upgraded nothing (1 -> 2)"),
    at("[ALPM-SCRIPTLET] [ALPM] upgraded nothing (1 -> 2)"),
    at("[ALPM] reinstalled linux-headers (6.6.1.arch1-1)"),
    at("[ALPM] downgraded gcc (14-1 -> 13-1)"),
    at("[ALPM] warning: /etc/x installed as /etc/x.pacnew"),
    at("[ALPM] transaction completed"),
    at("[ALPM] running '70-dkms-install.hook'..."),
  ].join("");
  assert.equal(
    lastTransaction(log).map(({ name, result }) => `${name} ${result}`),
    ["zfs-dkms removed", "zfs-dkms-git present", "linux-firmware present", "linux-headers present", "gcc present"],
  );
});

test("a log that does not tell", () => {
  assert.equal(lastTransaction(""), []);
  assert.equal(lastTransaction("[ALPM] installed zfs (1-1)\n"), []);
});

test.run();
