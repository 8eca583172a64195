/** Entry of `dkms-pkgbuild`. */
import { pkgbuild } from "../cli/pkgbuild/pkgbuild.ts";

process.exitCode = await pkgbuild(process.argv.slice(2));
