/** Entry of `dkms-report`, which zzz-dkms-report.hook runs. */
import { report } from "../cli/hook/report.ts";

process.exitCode = await report(process.argv.slice(2));
