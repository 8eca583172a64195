/**
 * Writes docs/messages.md: every error of the source with its code, text and hint, side by side.
 *
 *   node --import tsx scripts/messages.ts
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const project = resolve(import.meta.dirname, "..");

/** Functions that make an error, and which of their arguments are its code and its text. */
const makers: Readonly<Record<string, { readonly code: number | "usage"; readonly text: number }>> = {
  "new DkmsError": { code: 0, text: 1 },
  usageError: { code: "usage", text: 0 },
  buildFailure: { code: 1, text: 2 },
};

/** One error as the source has it; `…` stands for what is known only when it happens. */
export interface Message {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  readonly file: string;
}

/** All errors of src/, by code and text. */
export function messages(): readonly Message[] {
  const folder = join(project, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return files
    .flatMap((file) => messagesIn(file, readFileSync(join(folder, file), "utf8")))
    .toSorted((one, other) => compared(one.code + one.text + one.file, other.code + other.text + other.file));
}

/** The page as it should be. */
export function messagesPage(): string {
  const rows = messages().map(
    ({ code, text, hint, file }) => `| \`${code}\` | ${cell(text)} | ${cell(hint)} | \`src/${file}\` |`,
  );
  return `# All errors

Every error that dkms-alpm prints, as the source has it: \`…\` stands for a name, a path or a number.
\`scripts/messages.ts\` writes this page, and a test compares it with the source.

<!-- prettier-ignore-start -->
| code | text | hint | file |
| --- | --- | --- | --- |
${rows.join("\n")}
<!-- prettier-ignore-end -->
`;
}

function messagesIn(file: string, source: string): readonly Message[] {
  return Object.entries(makers).flatMap(([maker, places]) =>
    [...source.matchAll(new RegExp(`(?<!function )\\b${maker}\\(`, "g"))].flatMap(({ index, 0: call }) => {
      const args = argumentsAt(source, index + call.length);
      const text = spoken(args[places.text] ?? "") || assigned(source.slice(0, index), args[places.text] ?? "");
      const named =
        places.code === "usage" ? ['"usage"'] : ((args[places.code] ?? "").match(/(?<!== )"[\w-]+"/g) ?? ["…"]);
      const hint = /\bhint:?\s*((?:"[^"]*"|`[^`]*`))/.exec(args.slice(places.text + 1).join(","))?.[1] ?? "";
      return named.map((code) => ({ code: code.replaceAll('"', ""), text, hint: spoken(hint), file }));
    }),
  );
}

/** The arguments of a call as text, from behind its parenthesis. */
function argumentsAt(source: string, from: number): readonly string[] {
  const args: string[] = [""];
  const open: string[] = [];
  for (let at = from; at < source.length; at += 1) {
    const character = source[at] ?? "";
    const inText = open.at(-1) === '"' || open.at(-1) === "`";
    if (inText && character === "\\") {
      args.push(`${args.pop()}${character}${source[at + 1]}`);
      at += 1;
      continue;
    }
    if (open.length === 0 && character === ")") break;
    if (open.length === 0 && character === ",") {
      args.push("");
      continue;
    }
    if (open.at(-1) === "`" && character === "$" && source[at + 1] === "{") open.push("}");
    else if (character === open.at(-1)) open.pop();
    else if (character === '"' && !inText) open.push('"');
    else if (character === "`" && !inText) open.push("`");
    else if (!inText && "([{".includes(character) && !(character === "{" && source[at - 1] === "$")) {
      open.push({ "(": ")", "[": "]", "{": "}" }[character] ?? "");
    }
    args.push(`${args.pop()}${character}`);
  }
  return args.map((text) => text.trim());
}

/** The texts that a variable was given last; `…` where they come from elsewhere. */
function assigned(before: string, name: string): string {
  const at = /^\w+$/.test(name) ? before.lastIndexOf(`const ${name} =`) : -1;
  if (at < 0) return "…";
  const texts =
    before
      .slice(at)
      .split(/;\n/)[0]
      ?.match(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g) ?? [];
  return (
    texts
      .map(spoken)
      .filter((text) => text.includes(" "))
      .join(" / ") || "…"
  );
}

/** A literal as it is printed; nothing for what is none. */
function spoken(literal: string): string {
  const [, quoted, template] = /^(?:"((?:[^"\\]|\\.)*)"|`([^]*)`)$/.exec(literal) ?? [];
  if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
  let text = template ?? "";
  // Innermost first: a value may have braces of its own.
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replaceAll(/\$?\{[^{}]*\}/g, "…");
  }
  return text.replaceAll("\\`", "`");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}

function compared(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(project, "docs/messages.md"), messagesPage());
