/**
 * Where test files that run side by side keep what their machines have in common (`layerStore` in test/e2e/cache.ts): a tmpfs that only they see and that
 * ends with the run. Not a directory on disk, as the machines show that disk: an overlay takes no layer from within another one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { layerStore } from "./e2e/cache.ts";

export interface LayerStore {
  /** The words by which a command is started so that it sees the store. */
  readonly words: readonly string[];
  close(): void;
}

const script = 'mkdir -p "$0"; mount -t tmpfs -o mode=755 layers "$0"; echo ready $$; read -r _ || :';

/** Opens the store; it ends at the latest with this process. Without root, or without mount namespaces, there is none. */
export async function openLayerStore(): Promise<LayerStore> {
  if (process.getuid?.() !== 0) return { words: [], close: () => {} };
  const words = ["--mount", "--propagation", "private", "sh", "-ec", script, layerStore];
  const holder = spawn("unshare", words, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const pid = await ready(holder);
  if (pid === undefined) return { words: [], close: () => {} };
  const enter = ["nsenter", "--target", pid, "--mount", "env", `--chdir=${process.cwd()}`];
  return { words: enter, close: () => holder.stdin?.end() };
}

/** The process in whose namespace the store is. */
function ready(holder: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    holder.on("error", () => resolve(undefined));
    holder.on("exit", () => resolve(undefined));
    holder.stdout?.setEncoding("utf8").on("data", (text: string) => resolve(/^ready (\d+)$/m.exec(text)?.[1]));
  });
}
