/** Entry of `dkms-remove`, which 71-dkms-remove.hook runs. */
import { hook } from "../cli/hook/hook.ts";

process.exitCode = await hook("dkms-remove", process.argv.slice(2));
