/** `dkms-initramfs`: the program of the hooks that `dkms-hookgen` writes. */
import { DkmsError } from "../../model/errors.ts";
import { isRoot } from "../../system/environment.ts";
import { silence } from "../../system/output.ts";
import { readStdin } from "../../system/stdin.ts";
import { runProgram } from "../frame/program.ts";
import { initramfsArguments, initramfsProgram } from "./options.ts";

/** Runs `dkms-initramfs` with the words after its name; returns 0, 2 for a wrong command line, or 1 for every other trouble: its hook takes other statuses for a Node that does not start. */
export async function initramfs(argv: readonly string[]): Promise<number> {
  const status = await runProgram(initramfsProgram, argv, async (options) => {
    const given = initramfsArguments(options);
    if (!isRoot() && !given.dryRun)
      throw new DkmsError("not-root", "dkms-initramfs writes boot images: it must run as root.", {
        hint: "Run it with sudo.",
      });
    if (options.has("quiet")) silence("out");
    const { runInitramfs } = await import("./run.ts");
    return runInitramfs(given, readStdin());
  });
  return status === 0 || status === 2 ? status : 1;
}
