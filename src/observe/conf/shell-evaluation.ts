/** Evaluates shell files in one bash, one after the other, and goes on after those that kill or hang it. */
import { DkmsError } from "../../model/errors.ts";
import type { BashOptions, BashResult } from "../../system/process/bash.ts";

/** One evaluation: the files are sourced in order, with the variables set before. */
export interface ShellRequest {
  /** `conf`: dkms.conf and overrides; `framework`: framework.conf and drop-ins; `exports`: what is exported afterwards. */
  readonly kind: "conf" | "framework" | "exports";
  readonly files: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly directives: readonly string[];
}

/** What came of it: the words that the shell program documents, and how it ended if not by itself. */
export interface ShellAnswer {
  readonly words: readonly string[];
  readonly end: "complete" | "killed" | "silent" | "flood";
  readonly stderr: string;
}

/** One file may take so long, in seconds; fetching something or waiting for a terminal is not what a conf is for. */
export const longestSilence = 10;

/** Bytes of words that one bash gets: far below what Linux takes as arguments of one program. */
const longestWords = 500_000;

/** Evaluates the requests and answers in their order. Throws `tool-missing` without bash and `interrupted` when the signal fires. */
export async function evaluateShell(
  requests: readonly ShellRequest[],
  options: BashOptions = {},
): Promise<readonly ShellAnswer[]> {
  // Most runs find everything remembered and need no shell.
  const { runBash } = await import("../../system/process/bash.ts");
  const { confShell } = await import("./conf-shell.ts");
  const answers: ShellAnswer[] = [];
  // A file that was stopped once is not asked again, for another kernel: that would take as long again.
  const stopped = new Map<string, ShellAnswer>();
  while (answers.length < requests.length) {
    const known = stopped.get(filesKey(requests[answers.length]));
    if (known !== undefined) {
      answers.push(known);
      continue;
    }
    const batch = nextBatch(requests, answers.length, stopped);
    const result = await runBash(confShell, batch.words, { silenceSeconds: longestSilence, ...options });
    const found = readAnswers(result);
    answers.push(...found);
    if (found.length === batch.count) continue;
    // The run ended in the middle: the first file without an answer did that. The others get a new bash.
    if (result.end === "exited" && result.status === 127)
      throw new DkmsError("tool-missing", `The shell for dkms.conf files did not start: ${result.stderr.trim()}`);
    const end = result.end === "silent" || result.end === "flood" ? result.end : "killed";
    const stderr = (stderrParts(result.stderr).get(found.length) ?? "").slice(0, keptErrors);
    const answer = { words: [], end, stderr } as const;
    if (end !== "killed") stopped.set(filesKey(requests[answers.length]), answer);
    answers.push(answer);
  }
  return answers;
}

/** As much of stderr as explains why a file was stopped, in characters. */
const keptErrors = 4096;

function filesKey(request: ShellRequest | undefined): string {
  return request === undefined ? "" : JSON.stringify([request.kind, request.files]);
}

interface Waiting {
  readonly request: ShellRequest;
  readonly answer: (answer: Promise<ShellAnswer>) => void;
}

/** Requests that wait for each other, by what they are evaluated in. */
const waiting = new Map<string, Waiting[]>();

/**
 * Evaluates one request; those that others make at the same moment, for other kernels, share its bash, and are evaluated one after the other. `place`: where
 * relative paths lead, and the environment.
 */
export function evaluateTogether(
  request: ShellRequest,
  place: Pick<BashOptions, "cwd" | "environment">,
): Promise<ShellAnswer> {
  const key = JSON.stringify(place);
  const group = waiting.get(key) ?? [];
  if (group.length === 0) {
    waiting.set(key, group);
    setImmediate(() => {
      waiting.delete(key);
      const requests = group.map((one) => one.request);
      const answers = evaluateShell(requests, place);
      for (const [index, one] of group.entries()) {
        one.answer(answers.then((all) => all[index] ?? { words: [], end: "killed", stderr: "" }));
      }
    });
  }
  return new Promise((fulfil) => group.push({ request, answer: fulfil }));
}

function nextBatch(
  requests: readonly ShellRequest[],
  from: number,
  stopped: ReadonlyMap<string, unknown>,
): { words: string[]; count: number } {
  const words: string[] = [];
  let size = 0;
  let count = 0;
  for (const request of requests.slice(from)) {
    if (stopped.size > 0 && stopped.has(filesKey(request))) break;
    const next = requestWords(request, count);
    const bytes = next.reduce((sum, word) => sum + Buffer.byteLength(word) + 9, 0);
    if (count > 0 && size + bytes > longestWords) break;
    words.push(...next);
    size += bytes;
    count += 1;
  }
  return { words, count };
}

function requestWords(request: ShellRequest, number: number): string[] {
  const files = request.files.map((path) => (path.includes("/") ? path : `./${path}`));
  const variables = Object.entries(request.variables).map(([name, value]) => `${name}=${value}`);
  const words = [String(number), request.kind];
  for (const list of [files, variables, request.directives]) words.push(String(list.length), ...list);
  // A NUL cannot be passed to a program; as a part of a path or value it names nothing that exists.
  return words.map((word) => word.replaceAll("\0", "\uFFFD"));
}

/** The complete answers, as far as bash got: each is its number, a count and so many words. */
function readAnswers(result: BashResult): ShellAnswer[] {
  const fields = result.stdout.toString("utf8").split("\0");
  const stderr = stderrParts(result.stderr);
  const answers: ShellAnswer[] = [];
  // The last field is what follows the last NUL: nothing, or a word that was cut off.
  for (let at = 0; at + 2 < fields.length;) {
    const count = Number(fields[at + 1]);
    const words = fields.slice(at + 2, at + 2 + count);
    if (fields[at] !== String(answers.length) || at + 2 + count >= fields.length) break;
    const complete = words.at(-1) === "end";
    answers.push({
      words: complete ? words.slice(0, -1) : words,
      end: complete ? "complete" : "killed",
      stderr: stderr.get(answers.length) ?? "",
    });
    at += 2 + count;
  }
  return answers;
}

/** What each request wrote to stderr: before the first one writes, and between them, stands its number between two NULs. */
function stderrParts(text: string): ReadonlyMap<number, string> {
  const parts = new Map<number, string>();
  const fields = text.split("\0");
  for (let at = 1; at + 1 < fields.length; at += 2) {
    const number = Number(fields[at]);
    parts.set(number, (parts.get(number) ?? "") + (fields[at + 1] ?? ""));
  }
  return parts;
}
