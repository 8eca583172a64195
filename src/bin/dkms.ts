/** Entry of `dkms`. */
import { dkms } from "../cli/dkms.ts";

process.exitCode = await dkms(process.argv.slice(2));
