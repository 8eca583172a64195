/** A directory as the lower layer of an overlay, as in a container: what is in it can be changed, but its directories cannot be renamed. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Does something while an overlay covers the directory; afterwards the directory is what it was before. */
export async function onOverlay(directory: string, act: () => void | Promise<void>): Promise<void> {
  const layers = mkdtempSync(join(tmpdir(), "dkms-overlay-"));
  const [upper, work] = [join(layers, "upper"), join(layers, "work")];
  for (const path of [upper, work]) mkdirSync(path);
  const options = `redirect_dir=off,lowerdir=${directory},upperdir=${upper},workdir=${work}`;
  try {
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, directory]);
    try {
      await act();
    } finally {
      execFileSync("umount", [directory]);
    }
  } finally {
    rmSync(layers, { recursive: true, force: true });
  }
}
