/** Texts that must agree with each other, or with the source. */
import { parseReliabilityTable, totalsOf } from "./reliability-row.ts";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { messages, messagesPage } from "../scripts/messages.ts";
import { transcriptSvg } from "../scripts/transcript-svg.ts";

const project = resolve(import.meta.dirname, "..");
const text = (path: string): string => readFileSync(join(project, path), "utf8");

/** Blocks of commands and the commands in sentences. */
function commandsOf(page: string): readonly string[] {
  return [...text(page).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
}

for (const page of ["README.pt-BR.md", "README.ja.md"]) {
  test(`${page} has the commands of README.md`, () => {
    assert.ok(commandsOf("README.md").length > 2);
    assert.equal(commandsOf(page), commandsOf("README.md"));
  });
}

test("links between pages lead to files", () => {
  const pages = readdirSync(project).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(join(project, "docs")).filter((name) => name.endsWith(".md"));
  for (const page of [...pages, ...docs.map((name) => `docs/${name}`)]) {
    for (const [, target = ""] of text(page).matchAll(/\]\(([^)#\s]+)/g)) {
      if (!target.includes("://")) assert.ok(existsSync(join(project, dirname(page), target)), `${page}: ${target}`);
    }
  }
});

test("every test that docs/works-with.md names is there, and every row names one", () => {
  const rows = text("docs/works-with.md")
    .split("\n")
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);
  assert.ok(rows.length > 15);
  for (const row of rows) {
    const files = [...row.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, file = ""]) => file);
    assert.ok(files.length > 0, row);
    for (const file of files) assert.ok(existsSync(join(project, "test/e2e", file)), file);
  }
});

test("docs/how-it-was-tested.md has the totals of docs/reliability.md", () => {
  const { faults, texts } = totalsOf(parseReliabilityTable(text("docs/reliability.md")));
  const told = text("docs/how-it-was-tested.md").replaceAll(/\s+/g, " ");
  assert.match(told, faults);
  assert.match(told, texts);
});

test("docs/messages.md is what the source has: node --import tsx scripts/messages.ts", () => {
  assert.is(text("docs/messages.md"), messagesPage());
});

test("docs/messages.md has every error code, and every sentence ends", () => {
  const [, union = ""] = /export type ErrorCode =([^;]*);/.exec(text("src/model/errors.ts")) ?? [];
  const codes = [...union.matchAll(/"([\w-]+)"/g)].map(([, code = ""]) => code);
  assert.ok(codes.length > 30);
  const found = new Set(messages().map(({ code }) => code));
  assert.equal(
    codes.filter((code) => !found.has(code)),
    [],
  );
  for (const { text: message } of messages()) assert.match(message, /[.!?…)"`]$|: \S|:$| \/ /, message);
});

test("a transcript is drawn line by line, and nothing of it is markup", () => {
  const lines = [
    { text: "[root@arch ~]# pacman -Su", after: 2 },
    { text: "==> ERROR: a <b> & c", after: 1 },
  ];
  const picture = transcriptSvg(lines, "a title");
  assert.match(
    picture,
    /<text [^>]*fill="#ff6b68" style="animation-delay:3\.0s">==&gt; ERROR: a &lt;b&gt; &amp; c<\/text>/,
  );
  assert.is(picture.match(/<text /g)?.length, 2);
});

test.run();
