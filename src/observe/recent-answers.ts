/**
 * What has been found out by starting programs, for as long as this run has changed nothing: a hook looks at the machine before it takes the lock, and
 * once more when it has it.
 */
import { identityLine } from "../system/stat-index.ts";

const answers = new Map<string, unknown>();

/** The question together with the files that the answer comes from, as they are now. */
export function recentKey(question: unknown, files: readonly string[]): string {
  return JSON.stringify([question, ...files.map((path) => identityLine(path) ?? "absent")]);
}

/** The answer that was given before. */
export function recentAnswer<Answer>(key: string): Answer | undefined {
  return answers.get(key) as Answer | undefined;
}

/** Remembers an answer, and gives it. */
export function keepRecent<Answer>(key: string, answer: Answer): Answer {
  answers.set(key, answer);
  return answer;
}

/** A conf may ask for anything: once something is carried out, nothing is known any more. */
export function forgetRecent(): void {
  answers.clear();
}
