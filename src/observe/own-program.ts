/** How this program was started, so that it can start itself again. */
import { readText } from "../system/files/content.ts";
import { readLink } from "../system/files/files.ts";

/** The words that start this program without the arguments that it got, of which there were so many; throws when /proc does not tell. */
export function ownProgram(argumentCount: number): readonly [string, ...string[]] {
  const interpreter = readLink("/proc/self/exe");
  const words = (readText("/proc/self/cmdline") ?? "").split("\0").slice(0, -1);
  if (interpreter === undefined || words.length <= argumentCount) throw new Error("/proc does not tell what runs here");
  return [interpreter, ...words.slice(1, words.length - argumentCount)];
}
