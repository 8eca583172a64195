/** `dkms-initramfs`: the program of the hooks that `dkms-hookgen` writes. */
import { parseTargets } from "../../alpm/targets.ts";
import { DkmsError } from "../../model/errors.ts";
import { projectVersion } from "../../model/project.ts";
import { isRoot, setUmask } from "../../system/environment.ts";
import { write, writeLine } from "../../system/output.ts";
import { readStdin } from "../../system/stdin.ts";
import { guarded } from "../frame/guarded.ts";
import { initramfsProgram, parseInitramfsArguments } from "./options.ts";
import { helpText } from "../frame/option-table.ts";

/** Runs `dkms-initramfs` with the words after its name; returns 0, or 1 for every kind of trouble: its hook takes other statuses for a Node that does not start. */
export async function initramfs(argv: readonly string[]): Promise<number> {
  const status = await guarded(async () => {
    setUmask();
    const given = parseInitramfsArguments(argv);
    switch (given.kind) {
      case "help":
        write("out", helpText(initramfsProgram));
        return 0;
      case "version":
        writeLine("out", `dkms-initramfs ${projectVersion}`);
        return 0;
      case "image": {
        if (!isRoot() && given.dryRun === "no")
          throw new DkmsError("not-root", "dkms-initramfs writes boot images: it must run as root.");
        const { runInitramfs } = await import("./run.ts");
        return runInitramfs(given, parseTargets(readStdin()), given.dryRun);
      }
    }
  });
  return status === 0 ? 0 : 1;
}
