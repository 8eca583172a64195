/** Reads whether the machine refuses modules without a valid signature. */
import { join } from "node:path";
import type { LoadPolicy } from "../../model/health/health.ts";
import { readBytes, readText } from "../../system/files/content.ts";
import { quietly } from "../../system/files/quietly.ts";

/** The variable SecureBoot of EFI's global variables, below efivars; see efivarfs. */
const secureBootVariable = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/** Reads sysfs; what this user may not read, or the kernel does not have, is unknown. */
export function readLoadPolicy(sysfs = "/sys"): LoadPolicy {
  // `none [integrity] confidentiality`: the brackets stand round what holds.
  const lockdown = /\[(\w+)\]/.exec(quietly(() => readText(join(sysfs, "kernel/security/lockdown"))) ?? "")?.[1];
  // Four bytes of attributes, then the value.
  const secureBoot = quietly(() => readBytes(join(sysfs, secureBootVariable)))?.at(4);
  const enforced = quietly(() => readText(join(sysfs, "module/module/parameters/sig_enforce")))?.trim();
  return {
    lockdown,
    secureBoot: secureBoot === undefined ? "unknown" : secureBoot === 1 ? "on" : "off",
    enforced: enforced === "Y",
  };
}
