/** Entry of `dkms-install`, which 70-dkms-install.hook runs. */
import { hook } from "../cli/hook/hook.ts";

process.exitCode = await hook("dkms-install", process.argv.slice(2));
