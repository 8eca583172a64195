/** Takes the debugging information out of a kernel object. */
import type { Event } from "../../model/run/outcome.ts";
import { stagedName } from "../../system/writing/durable-files.ts";
import { removeFile, rename } from "../../system/writing/file-changes.ts";
import { withParts } from "../../system/files/file-parts.ts";
import { run } from "../../system/process/processes.ts";

/** The program for objects of a compiler: clang's need its own. */
export type StripProgram = "strip" | "llvm-strip";

/** The program for what a compiler (`CC`, `ccache clang`) has made. */
export function stripProgramFor(compiler: string | undefined): StripProgram {
  return compiler?.trim().split(/\s+/).at(-1) === "clang" ? "llvm-strip" : "strip";
}

/** What sign-file writes at the end of an object; strip would take it away. */
const signatureMark = "~Module signature appended~\n";

/** Strips an object; one that cannot be stripped stays as it is, which costs only space. So does one that its own build has signed. */
export async function stripObject(
  file: string,
  {
    program,
    variables = {},
    signal,
  }: {
    readonly program: StripProgram;
    readonly variables?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  },
  tell: (event: Event) => void,
): Promise<void> {
  if (isSigned(file)) return;
  // Not in place: strip writes over the object at the end, and who is killed then leaves a part of it.
  const stripped = stagedName(file);
  const { status, stderr } = await run([program, "-g", "-o", stripped, file], { signal, environment: variables });
  if (status === 0) {
    rename(stripped, file);
    return;
  }
  removeFile(stripped);
  const silence = status === 127 ? `${program} cannot be started` : `${program} exited with status ${status}`;
  const why = stderr.trim() === "" ? silence : stderr.trim();
  tell({ kind: "note", level: "warning", text: `${file} keeps its debugging information: ${why}.` });
}

function isSigned(file: string): boolean {
  const end = withParts(file, (size, read) => read(Math.max(0, size - signatureMark.length), signatureMark.length));
  return Buffer.from(end).toString("latin1") === signatureMark;
}
