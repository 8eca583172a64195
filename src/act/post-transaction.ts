/** Runs the command that framework.conf names for after a change (`post_transaction`). */
import type { KernelId } from "../model/pair.ts";
import { confVariables } from "../observe/conf/confs.ts";
import { readLateSettings } from "../observe/settings/framework-conf.ts";
import { processId } from "../system/environment.ts";
import { rename } from "../system/writing/file-changes.ts";
import { run } from "../system/process/processes.ts";
import type { ActContext } from "./context.ts";

/** Runs it, if there is one, for the first kernel of a run; its output goes to `post_transaction.log` in the tree. Its failure is a warning. */
export async function runPostTransaction(kernel: KernelId, context: ActContext): Promise<void> {
  const { framework, layout, tell, signal } = context;
  const variables = confVariables(context, kernel, undefined);
  const { postTransaction } = await readLateSettings(framework.files, variables);
  if (postTransaction === undefined) return;
  const log = `${layout.dkmsTree}/post_transaction.log`;
  const unfinished = `${log}.${processId()}`;
  tell({ kind: "note", level: "message", text: "Running the post-transaction command" });
  const environment = { kernelver: kernel.release, arch: kernel.arch };
  const argv = ["bash", "--norc", "--noprofile", "-c", postTransaction.value] as const;
  const { status } = await run(argv, { log: unfinished, signal, environment, timeoutSeconds: 3600 });
  rename(unfinished, log);
  if (status === 0) return;
  const text = `The post-transaction command failed with status ${status}; it is set in ${postTransaction.from}, its log is ${log}.`;
  tell({ kind: "note", level: "warning", text });
}
