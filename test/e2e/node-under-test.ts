/** The Node that machines have as /usr/bin/node. */
import { execFileSync } from "node:child_process";

/** Its path on the host: `$DKMS_ALPM_TEST_NODE`, or the Node that runs the tests. */
export const nodeUnderTest = process.env["DKMS_ALPM_TEST_NODE"] ?? process.execPath;

/** Its version, such as `20.19.0`. */
export const nodeVersion = execFileSync(nodeUnderTest, ["--version"], { encoding: "utf8" }).trim().slice(1);
