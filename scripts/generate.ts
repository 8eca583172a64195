/** Writes into a folder what is made from the option tables: completions for bash, zsh and fish, and the manual pages. scripts/build runs it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bashCompletion } from "./generate/bash-completion.ts";
import { fishCompletion } from "./generate/fish-completion.ts";
import { manualPages } from "./generate/manual-page.ts";
import { programsOnPath } from "./generate/programs.ts";
import { zshCompletion } from "./generate/zsh-completion.ts";

/** Writes all of it; `project` is where the manual's own text is found. */
export function generate(project: string, folder: string): void {
  for (const program of programsOnPath) {
    write(join(folder, "completions/bash", program.name), bashCompletion(program));
    write(join(folder, "completions/zsh", `_${program.name}`), zshCompletion(program));
    write(join(folder, "completions/fish", `${program.name}.fish`), fishCompletion(program));
  }
  for (const { name, text } of manualPages(project)) write(join(folder, "man", name), text);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
