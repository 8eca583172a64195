/** Who may change something. */
import { DkmsError } from "../../model/errors.ts";
import { isRoot } from "../../system/environment.ts";

/** Throws `not-root` for everybody else. */
export function requireRoot(): void {
  if (isRoot()) return;
  throw new DkmsError("not-root", "Only root may change the dkms tree and the kernels' modules.", {
    hint: "Run the command with sudo.",
  });
}
