/** The most memory that a program of ours has used: its own process, compilers and other programs are not counted. */
import type { CommandResult } from "../e2e/command.ts";
import type { Machine } from "../e2e/machine.ts";

/** How the program ended, and its memory in MiB. */
export interface Peak {
  readonly result: CommandResult;
  readonly mebibytes: number;
}

/** Runs it once, unmeasured otherwise. */
export async function peakOf(machine: Machine, argv: readonly string[], input: string): Promise<Peak> {
  const [hook, file] = ["/tmp/peak.cjs", "/tmp/peak"];
  const writing = `require("fs").writeFileSync("${file}", String(process.resourceUsage().maxRSS))`;
  machine.write(hook, `process.on("exit", () => ${writing});\n`);
  const result = await machine.run(argv, { input, timeout: 3600, env: { NODE_OPTIONS: `--require ${hook}` } });
  return { result, mebibytes: Number(machine.read(file)) / 1024 };
}
