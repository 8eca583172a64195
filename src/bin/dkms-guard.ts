/** Entry of `dkms-guard`, which 05-dkms-guard.hook runs. */
import { guard } from "../cli/guard/guard.ts";

void guard(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
