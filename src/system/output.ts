/**
 * Writes to stdout and stderr at once and in order. Under pacman both are one socket: process.stdout would write later than process.stderr
 * and would lose what is still queued when the process ends, so the descriptors are written to directly.
 */
import { writeSync } from "node:fs";
import { coloured } from "./colours.ts";

/** The two streams of a program. */
export type Stream = "out" | "err";

const silenced = new Set<Stream>();
let wordsGoTo: 1 | 2 = 1;

/** From now on stdout is for one document alone (`--json`): what is told to people goes to stderr. */
export function keepWordsFromStdout(): void {
  wordsGoTo = 2;
}

/** Writes a document to stdout, whatever else goes there. */
export function writeDocument(text: string): void {
  writeTo(1, `${text}\n`);
}

/** Writes text to a stream; a reader that has closed it is no error (`dkms status | head -1`). */
export function write(stream: Stream, text: string): void {
  if (silenced.has(stream)) return;
  writeTo(descriptorOf(stream), text);
}

function descriptorOf(stream: Stream): 1 | 2 {
  return stream === "out" ? wordsGoTo : 2;
}

function writeTo(descriptor: 1 | 2, text: string): void {
  let bytes = Buffer.from(text, "utf8");
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if (!isFull(error)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Writes a line to a stream. */
export function writeLine(stream: Stream, line: string): void {
  write(stream, `${coloured(line, descriptorOf(stream))}\n`);
}

/** Writes many lines to a stream at once. */
export function writeLines(stream: Stream, lines: readonly string[]): void {
  const descriptor = descriptorOf(stream);
  if (lines.length > 0) write(stream, lines.map((line) => `${coloured(line, descriptor)}\n`).join(""));
}

/** Nothing more is written to these streams (`--quiet`). */
export function silence(...streams: readonly Stream[]): void {
  for (const stream of streams) silenced.add(stream);
}

/** A non-blocking socket whose reader is slow. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
