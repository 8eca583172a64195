/** Remembers which problems this user has seen a notification for. */
import { join } from "node:path";
import { callerEnvironment } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { writeAtomically } from "../../system/writing/file-changes.ts";

/** The keys that were remembered last. A damaged file counts as an empty one. */
export function readShown(): ReadonlySet<unknown> {
  try {
    const value: unknown = JSON.parse(readText(file()) ?? "[]");
    return new Set(Array.isArray(value) ? value : []);
  } catch {
    return new Set();
  }
}

/** Remembers these keys and no others. */
export function rememberShown(keys: ReadonlySet<string>): void {
  writeAtomically(file(), `${JSON.stringify([...keys])}\n`, 0o600);
}

/** See the XDG Base Directory Specification. */
function file(): string {
  const { XDG_STATE_HOME: state = "", HOME: home = "/" } = callerEnvironment();
  return join(state.startsWith("/") ? state : join(home, ".local/state"), "dkms-alpm/notified.json");
}
