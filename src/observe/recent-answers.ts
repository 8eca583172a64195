/**
 * What bash, make and the kernels' configurations have told, for as long as this run has changed nothing and waited for nobody: a hook looks at the
 * machine before it takes the lock, and once more when it has it.
 */
import { identityLine } from "../system/files/stat-index.ts";

const answers = new Map<string, unknown>();

/** The question together with the files that the answer comes from, as they are now; undefined where that cannot be told: then nothing is remembered. */
export function recentKey(question: unknown, files: readonly string[]): string | undefined {
  try {
    return JSON.stringify([question, ...files.map((path) => [path, identityLine(path) ?? "absent"])]);
  } catch {
    return undefined;
  }
}

/** The answer that was given before. */
export function recentAnswer<Answer>(key: string | undefined): Answer | undefined {
  return key === undefined ? undefined : (answers.get(key) as Answer | undefined);
}

/** Remembers an answer, and gives it. */
export function keepRecent<Answer>(key: string | undefined, answer: Answer): Answer {
  if (key !== undefined) answers.set(key, answer);
  return answer;
}

/** A conf may ask for anything: once something has been carried out, here or by another run, nothing is known any more. */
export function forgetRecent(): void {
  answers.clear();
}
