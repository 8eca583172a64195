/** The Node that machines have as /usr/bin/node. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { generation, lowestLayer } from "./generation.ts";

/** Its path on the host: `$DKMS_ALPM_TEST_NODE`, or the Node that runs the tests. */
export const nodeUnderTest = process.env["DKMS_ALPM_TEST_NODE"] ?? process.execPath;

/** The path on the host of the Node that machines have: of the newest generation, that generation's own. */
export const machineNode = generation === "host" ? nodeUnderTest : join(lowestLayer, "usr/bin/node");

const version = generation === "host" ? [nodeUnderTest] : ["chroot", lowestLayer, "node"];

/** Its version, such as `20.19.0`. */
export const nodeVersion = execFileSync(version[0] ?? "", [...version.slice(1), "--version"], { encoding: "utf8" })
  .trim()
  .slice(1);
