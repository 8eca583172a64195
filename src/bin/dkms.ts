/** Entry of `dkms`. */
import { dkms } from "../cli/dkms/dkms.ts";

process.exitCode = await dkms(process.argv.slice(2));
