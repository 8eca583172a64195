/** Changes the targets of a hook file and leaves every other byte as a person wrote it. */
import { type HookFile, type HookLine, parseHookFile, printHookFile } from "./file.ts";

/** The file with more targets behind the last one of its trigger (0 is the first trigger), written as that one is written. */
export function addTargets(file: HookFile, trigger: number, targets: readonly string[]): HookFile {
  const lines = triggerLines(file, trigger);
  const model = lines.findLast((line) => targetOf(line) !== undefined) ?? lines.at(-1);
  if (model === undefined) return file;
  const end = file.lines.find((line) => line.end !== "")?.end ?? "\n";
  const text = file.lines.flatMap((line) => {
    if (line !== model) return [line.text + line.end];
    const added = targets.map((target) => `${targetStart(model)}${target}`);
    // A last line without an end gets one, and the new last line has none either.
    return [[line.text, ...added].join(end) + line.end];
  });
  return parseHookFile(text.join(""));
}

/** The file without the lines of some targets of a trigger. */
export function removeTargets(file: HookFile, trigger: number, targets: ReadonlySet<string>): HookFile {
  const removed = new Set(
    triggerLines(file, trigger).filter((line) => {
      const target = targetOf(line);
      return target !== undefined && targets.has(target);
    }),
  );
  return parseHookFile(printHookFile({ lines: file.lines.filter((line) => !removed.has(line)) }));
}

/** The lines of a trigger's section, with its heading. */
function triggerLines(file: HookFile, trigger: number): readonly HookLine[] {
  const headings = file.lines.filter(({ meaning }) => meaning.kind === "section");
  const heading = headings.filter(({ meaning }) => meaning.kind === "section" && meaning.name === "Trigger")[trigger];
  if (heading === undefined) return [];
  const next = headings[headings.indexOf(heading) + 1];
  return file.lines.slice(heading.number - 1, next === undefined ? undefined : next.number - 1);
}

function targetOf({ meaning }: HookLine): string | undefined {
  return meaning.kind === "entry" && meaning.section === "Trigger" && meaning.key === "Target"
    ? meaning.value
    : undefined;
}

/** `Target = `, with the blanks that the model has. */
function targetStart(model: HookLine): string {
  return /^[ \t]*Target[ \t]*=[ \t]*/.exec(model.text)?.[0] ?? "Target = ";
}
