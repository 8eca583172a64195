/**
 * Manual pages in mdoc(7): what the option tables say, put into the text of pkgbuild/man where a line `@SYNOPSIS@`,
 * `@COMMANDS@` or `@OPTIONS@` stands; `@OPTIONS NAME@` takes another program than the page's own. Prose for a command
 * of `dkms` is in pkgbuild/man/dkms.commands.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Option, Program } from "../../src/cli/frame/option-table.ts";
import { optionWords, programs, visibleCommands, visibleOptions } from "./programs.ts";

/** When the text of the pages was last changed. */
const date = "November 29, 2026";

/** A page and the name of its file, `dkms.8`. */
interface ManualPage {
  readonly name: string;
  readonly text: string;
}

/** All pages. Throws when an executable has none, or a command no prose. */
export function manualPages(project: string): readonly ManualPage[] {
  const folder = join(project, "pkgbuild/man");
  const names = readdirSync(folder).filter((name) => /\.\d$/.test(name));
  const pages = names.map((name) => ({ name, text: manualPage(name, folder) }));
  for (const { name } of programs) {
    if (!pages.some((page) => page.name.startsWith(`${name}.`) || page.text.includes(`\n.Ss ${name}\n`))) {
      throw new Error(`${name} has no manual page in ${folder}`);
    }
  }
  return pages;
}

function manualPage(name: string, folder: string): string {
  const [, title = "", section = ""] = /^(.*)\.(\d)$/.exec(name) ?? [];
  const own = section === "5" ? "" : title;
  const parts: Readonly<Record<string, (found: Program) => string>> = {
    SYNOPSIS: synopsis,
    COMMANDS: (found) => commands(found, proseOf(folder, found)),
    OPTIONS: options,
  };
  const source = readFileSync(join(folder, name), "utf8");
  const text = source.replaceAll(/^@([A-Z]+)(?: ([\w-]+))?@$/gm, (_, part: string, other: string | undefined) => {
    const program = programs.find((candidate) => candidate.name === (other ?? own));
    const print = parts[part];
    if (program === undefined || print === undefined) throw new Error(`${name}: nothing is known of @${part}@`);
    return print(program);
  });
  return `.\\" Made by scripts/build from pkgbuild/man/${name} and the option tables.\n.Dd ${date}\n.Dt ${title.toUpperCase()} ${section}\n.Os dkms-alpm\n${text}`;
}

/** Paragraphs by command; none for a program without a file of them. Throws for a command that is missing there. */
function proseOf(folder: string, program: Program): ReadonlyMap<string, string> {
  const path = join(folder, `${program.name}.commands`);
  if (!existsSync(path)) return new Map();
  const found = [...readFileSync(path, "utf8").matchAll(/^@(\w+)@\n([^@]*)/gm)];
  const prose = new Map(found.map(([, name = "", text = ""]) => [name, text.trimEnd()]));
  for (const { name } of visibleCommands(program)) {
    if (!prose.has(name)) throw new Error(`${path} has nothing on ${name}`);
  }
  return prose;
}

function synopsis(program: Program): string {
  return program.usage
    .map((usage) => `.Nm\n${usage.split(" ").slice(1).map(usageWord).join("\n").replaceAll("\n Ns", " Ns")}`)
    .join("\n");
}

/** `[-k` becomes `.Oo Fl k`, `KERNEL]...` becomes `.Ar KERNEL` and `.Oc Ns ...`; what has brackets within is left as it is. */
function usageWord(word: string): string {
  const [, open = "", inner = "", close = "", dots = ""] = /^(\[?)(.*?)(\]?)(\.\.\.)?$/.exec(word) ?? [];
  if (/[[\]]/.test(inner)) return macroFor(word);
  const lines = [...(open === "" ? [] : [".Oo"]), macroFor(inner)];
  if (close !== "") lines.push(dots === "" ? ".Oc" : ".Oc Ns ...");
  else if (dots !== "") return `${lines.join("\n")} ...`;
  return lines.join("\n");
}

function macroFor(word: string): string {
  if (word.startsWith("-")) return `.Fl ${escaped(word.slice(1))}`;
  return /^[<A-Z]/.test(word) ? `.Ar ${escaped(word)}` : `.Cm ${escaped(word)}`;
}

function commands(program: Program, prose: ReadonlyMap<string, string>): string {
  const items = visibleCommands(program).map(({ name, operands, description }) => {
    const more = prose.get(name);
    const item = [`.It Cm ${name}${operands === "" ? "" : ` Ar ${operands}`}`, escaped(description)];
    return more === undefined ? item.join("\n") : [...item, ".Pp", more].join("\n");
  });
  return [".Bl -tag -width Ds", ...items, ".El"].join("\n");
}

function options(program: Program): string {
  const items = visibleOptions(program).map((option) =>
    [`.It ${optionItem(option)}`, escaped(option.description)].join("\n"),
  );
  return [".Bl -tag -width Ds", ...items, ".El"].join("\n");
}

function optionItem(option: Option): string {
  const forms = optionWords(option).map((word) => `Fl ${escaped(word.slice(1))}`);
  return `${forms.join(" , ")}${option.argument === undefined ? "" : ` Ar ${option.argument}`}`;
}

/** Hyphens that are typed stay hyphens, and nothing at the beginning of a line is a request. */
function escaped(text: string): string {
  const typed = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(typed) ? `\\&${typed}` : typed;
}
