/** Entry of `dkms-hookgen`. */
import { hookgen } from "../cli/hookgen/hookgen.ts";

process.exitCode = await hookgen(process.argv.slice(2));
