/** Writes to the journal by logger(1), where there is one. What cannot be written there is in reports and logs all the same. */
import { targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";

/** Where systemd-journald listens. */
const socket = "/run/systemd/journal/socket";

/** Entries of one run; whoever has more problems reads the report. */
const most = 50;

/** Writes entries, each with its fields; nothing on a machine without a journal. */
export async function writeJournal(entries: readonly Readonly<Record<string, string>>[]): Promise<void> {
  if (targetKind(socket) !== "other") return;
  for (const entry of entries.slice(0, most)) {
    const lines = Object.entries(entry).map(
      ([name, value]) => `${name}=${value.replace(/[\u0000-\u001f\u007f]/g, " ")}\n`,
    );
    await run(["logger", "--journald"], { input: lines.join(""), timeoutSeconds: 20 });
  }
}
