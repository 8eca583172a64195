/** What pacman accepts in a hook file although it does nothing, or something else than it looks like. */
import type { HookFile, HookLine } from "./file.ts";
import { wordsplit } from "../wordsplit.ts";

export type SurpriseCode =
  | "relative-exec"
  | "empty-exec"
  | "no-shell"
  | "depends-nothing"
  | "leading-slash"
  | "empty-target"
  | "several-targets"
  | "slash-in-package"
  | "only-negated"
  | "trailing-comment"
  | "type-file"
  | "flag-value"
  | "repeated-key"
  | "abort-too-late"
  | "inert"
  | "long-line"
  | "nul";

/** A finding that does not stop pacman. */
export interface Surprise {
  /** As pacman counts lines, 1 is the first. */
  readonly line: number;
  /** Errors stop pacman, or the hook can never do its work; warnings are surprises. */
  readonly severity: "error" | "warning";
  readonly code: SurpriseCode;
  readonly pacman: "accepts";
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

type Entry = Extract<HookLine["meaning"], { kind: "entry" }> & { readonly line: number };
type Words = readonly [what: string, why: string, fix: string];

/** All surprises of a file. */
export function findSurprises(file: HookFile): readonly Surprise[] {
  const sections = entriesBySection(file);
  const triggers = sections.filter(({ name }) => name === "Trigger");
  const actions = sections.flatMap(({ name, entries }) => (name === "Action" ? entries : []));
  return [
    ...file.lines.flatMap(lineSurprises),
    ...triggers.flatMap(({ line, entries }) => triggerSurprises(line, entries)),
    ...actions.flatMap(actionSurprises),
    ...abortSurprises(actions),
    ...[...triggers.map(({ entries }) => entries), actions].flatMap(repetitions),
    ...(triggers.length === 0 && sections.length > 0 ? [inert(sections[0]?.line ?? 1)] : []),
  ];
}

interface Section {
  readonly name: string;
  readonly line: number;
  readonly entries: Entry[];
}

function entriesBySection(file: HookFile): readonly Section[] {
  const sections: Section[] = [];
  for (const { number, meaning } of file.lines) {
    if (meaning.kind === "section") sections.push({ name: meaning.name, line: number, entries: [] });
    if (meaning.kind === "entry") sections.at(-1)?.entries.push({ ...meaning, line: number });
  }
  return sections;
}

function lineSurprises({ number, text, end, meaning }: HookLine): readonly Surprise[] {
  const found: Surprise[] = [];
  if (end === "" && Buffer.byteLength(text) >= 4090) {
    const why = "pacman reads 4095 bytes at a time and takes the rest for a line of its own";
    found.push(
      warning(number, "long-line", ["the line is too long", why, "Make it shorter, or put the command into a script."]),
    );
  }
  if (text.includes("\0")) {
    found.push(warning(number, "nul", ["the line has a NUL byte", "pacman ignores what follows it", "Take it out."]));
  }
  if (
    meaning.kind === "entry" &&
    /\s#/.test(meaning.value ?? "") &&
    (meaning.key === "Target" || meaning.key === "Depends")
  ) {
    const what = `${meaning.key} has a comment behind its value`;
    const why = "comments need a line of their own: pacman takes this one for a part of the value";
    found.push(warning(number, "trailing-comment", [what, why, "Put the comment on a line of its own."]));
  }
  return found;
}

function triggerSurprises(line: number, entries: readonly Entry[]): readonly Surprise[] {
  const type = entries.findLast(({ key }) => key === "Type")?.value;
  const targets = entries.filter(({ key, value }) => key === "Target" && value !== undefined);
  const found = targets.flatMap((entry) => targetSurprises(entry, type));
  if (targets.length > 0 && targets.every(({ value }) => value?.startsWith("!"))) {
    const why = "a target with ! only takes away from what the others match: this trigger never fires";
    found.push(
      warning(line, "only-negated", [
        "all targets are negated",
        why,
        "Add the target that they are exceptions of, above them.",
      ]),
    );
  }
  for (const entry of entries) {
    if (entry.key !== "Type" || entry.value !== "File") continue;
    const why = "it is an old word for Path, and newer versions of pacman refuse it";
    found.push(warning(entry.line, "type-file", ["Type = File", why, "Write Type = Path."]));
  }
  return found;
}

function targetSurprises({ line, value = "" }: Entry, type: string | undefined): Surprise[] {
  const pattern = value.replace(/^!/, "");
  if (pattern === "") {
    return [
      warning(line, "empty-target", [
        "the target is empty",
        "it never matches",
        "Name a package or path, or take it out.",
      ]),
    ];
  }
  if (/\s/.test(pattern) && !/\s#/.test(pattern) && type === "Package") {
    const why = "it is taken for one name with blanks, which never matches";
    return [warning(line, "several-targets", ["the target has blanks", why, "Write one Target line for each name."])];
  }
  if (type === "Package" && pattern.includes("/")) {
    const why = "a trigger of Type = Package is matched with names only, never with paths";
    return [
      warning(line, "slash-in-package", [
        "the target of a package trigger has a slash",
        why,
        "Write Type = Path, or a package's name.",
      ]),
    ];
  }
  if (type !== "Package" && pattern.startsWith("/")) {
    const why = "paths of packages have no slash in front: it never matches";
    return [
      warning(line, "leading-slash", [
        "the target begins with a slash",
        why,
        `Write Target = ${value.replace("/", "")}`,
      ]),
    ];
  }
  return [];
}

function actionSurprises({ line, key, value }: Entry): readonly Surprise[] {
  if (key === "Exec" && value !== undefined) return execSurprises(line, value);
  if (key === "Depends" && (value ?? "") === "") {
    const why = "nothing satisfies it: the hook never runs, and pacman reports an error each time";
    return [error(line, "depends-nothing", ["Depends names no package", why, "Name a package, or take it out."])];
  }
  if ((key === "AbortOnFail" || key === "NeedsTargets") && value !== undefined) {
    const what = `${key} has a value`;
    const why = `the option is on whatever its value, also with ${JSON.stringify(value === "" ? "no" : value)}`;
    return [warning(line, "flag-value", [what, why, `Write ${key} alone, or take the line out to switch it off.`])];
  }
  return [];
}

function execSurprises(line: number, value: string): readonly Surprise[] {
  const split = wordsplit(value);
  if (split.kind === "unbalanced") return [];
  const [program = ""] = split.words;
  if (program === "") {
    return [
      error(line, "empty-exec", [
        "Exec is empty",
        "there is nothing to run: the hook fails each time",
        "Write a command.",
      ]),
    ];
  }
  if (!program.startsWith("/")) {
    const what = `Exec names ${JSON.stringify(program)} without its directory`;
    const why = "pacman does not look along PATH, it starts the program as named from / : the hook fails each time";
    return [error(line, "relative-exec", [what, why, "Write the program's whole path."])];
  }
  const operator = split.words.find((word) => /^(?:[;|&<>]+|\d?>.*|.*;|\$\w+|\$\(.*)$/.test(word));
  // A shell gets its text behind -c, -euc or the like; find ends its -exec with a word of its own.
  const isMeant = split.words.some((word) => /^-[a-z]*c$/.test(word) || word === "-exec");
  if (operator === undefined || isMeant) return [];
  const what = `Exec has ${JSON.stringify(operator)} outside a shell`;
  const why = "pacman starts the program itself and hands it over as an argument";
  return [warning(line, "no-shell", [what, why, `Write Exec = /bin/sh -c '...'`])];
}

function abortSurprises(actions: readonly Entry[]): readonly Surprise[] {
  const abort = actions.find(({ key }) => key === "AbortOnFail");
  const when = actions.findLast(({ key }) => key === "When")?.value;
  if (abort === undefined || when !== "PostTransaction") return [];
  const why = "after the transaction there is nothing left to abort; pacman warns of it twice in every transaction";
  return [
    warning(abort.line, "abort-too-late", [
      "AbortOnFail in a PostTransaction hook",
      why,
      "Take it out, or write When = PreTransaction.",
    ]),
  ];
}

function repetitions(entries: readonly Entry[]): readonly Surprise[] {
  return ["Type", "Description", "When", "Exec"].flatMap((key) => {
    const [, ...repeated] = entries.filter((entry) => entry.key === key);
    const why = "only the last one counts, and pacman warns of it in every transaction";
    return repeated.map(({ line }) =>
      warning(line, "repeated-key", [`${key} is given again`, why, "Take out all but one."]),
    );
  });
}

function inert(line: number): Surprise {
  const why = "it never runs; pacman takes the file for a mask of a hook with the same name";
  return warning(line, "inert", [
    "the hook has no [Trigger]",
    why,
    "Add one. To mask a hook, an empty file is clearer.",
  ]);
}

function warning(line: number, code: SurpriseCode, [what, why, fix]: Words): Surprise {
  return { line, severity: "warning", code, pacman: "accepts", what, why, fix };
}

function error(line: number, code: SurpriseCode, words: Words): Surprise {
  return { ...warning(line, code, words), severity: "error" };
}
