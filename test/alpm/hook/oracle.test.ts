/** Hook files judged by us and by the real pacman: the verdict must be the same, and so must the words. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operations } from "../../../src/alpm/hook/hook.ts";
import { pacmanMessage } from "../../../src/alpm/hook/fault.ts";
import { parseHookFile } from "../../../src/alpm/hook/file.ts";
import { lintHook } from "../../../src/alpm/hook/lint.ts";
import { readHook } from "../../../src/alpm/hook/reading.ts";
import { printHook } from "../../../src/alpm/hook/write.ts";
import { faultyHooks, goodHooks } from "./rows.ts";
import { scratchPacman, type Transaction } from "../pacman.ts";

const pacman = scratchPacman(["usr/src/demo-1/dkms.conf"]);
test.after(() => pacman.dispose());

/** What we expect pacman to do with a file, and to print when it refuses. */
function expected(text: string, name: string): { verdict: Transaction["verdict"]; errors: readonly string[] } {
  const reading = readHook(parseHookFile(text));
  if (reading.kind !== "faulty") return { verdict: "accepts", errors: [] };
  const [first, ...others] = reading.faults;
  // pacman stops at what it cannot read, and tells all that is missing.
  const told = first.code.startsWith("missing-")
    ? [first, ...others.filter(({ code }) => code.startsWith("missing-"))]
    : [first];
  return { verdict: first.effect, errors: told.flatMap((fault) => pacmanMessage(fault, name) ?? []) };
}

function errors(output: string): readonly string[] {
  const own = /^error: ((?:hook .* line \d+: |Missing )[^\n]*)/gm;
  return Array.from(output.matchAll(own), ([, message = ""]) => message);
}

function compare(text: string): Transaction {
  const told = pacman.transaction(new Map([["t.hook", text]]));
  const { verdict, errors: messages } = expected(text, "t.hook");
  assert.is(told.verdict, verdict, `${JSON.stringify(text)}\n${told.output}`);
  if (verdict === "refuses") assert.equal(errors(told.output), messages);
  return told;
}

for (const [code, text] of faultyHooks) {
  test(`faulty, ${code}: ${JSON.stringify(text).slice(0, 100)}`, () => {
    assert.is.not(compare(text).verdict, "accepts");
    assert.ok(lintHook(parseHookFile(text)).some((finding) => finding.code === code && finding.pacman !== "accepts"));
  });
}

for (const [label, text] of goodHooks) {
  test(`good, ${label}`, () => {
    assert.is(compare(text).verdict, "accepts");
    assert.not.ok(lintHook(parseHookFile(text)).some((finding) => finding.pacman !== "accepts"));
  });
}

const section = fc.constantFrom(
  "[Trigger]",
  "[Action]",
  "[trigger]",
  "[ Action ]",
  "[]",
  "[",
  "  [Trigger]\t",
  "[Action] # x",
);
const key = fc.constantFrom(
  "Operation",
  "Type",
  "Target",
  "When",
  "Exec",
  "Description",
  "Depends",
  "AbortOnFail",
  "NeedsTargets",
  "exec",
  "",
);
const value = fc.constantFrom(
  "Install",
  "Remove",
  "Path",
  "Package",
  "File",
  "path",
  "none/*",
  "!x",
  "PreTransaction",
  "PostTransaction",
  "/bin/true",
  "/bin/true 'a b'",
  "/bin/true 'a",
  "demo # x",
  "",
  "a=b",
);
const entry = fc.tuple(key, fc.constantFrom("=", " = ", "\t=  "), value).map(([k, sign, v]) => `${k}${sign}${v}`);
const line = fc.oneof(entry, key, section, fc.constantFrom("", "# x", ";x", "x\r", "#[Trigger]", "\u00a0", "é = 1"));
const base = [
  "[Trigger]",
  "Operation = Install",
  "Operation = Upgrade",
  "Type = Path",
  "Target = none",
  "[Action]",
  "When = PostTransaction",
  "Exec = /bin/true",
];
const changes = fc.array(fc.tuple(fc.nat(base.length), fc.constantFrom(0, 0, 1), line), { maxLength: 3 });
const generated = changes.map((all) => {
  const lines = [...base];
  for (const [index, removed, text] of all) lines.splice(index, removed, text);
  return `${lines.join("\n")}\n`;
});

test("some hundreds of generated files get pacman's verdict and words", () => {
  const texts = [...new Set(fc.sample(generated, 600))];
  const files = texts.map((text, index) => {
    const name = `${index}.hook`;
    const { verdict, errors: messages } = expected(text, name);
    return { text, name, verdict, messages };
  });
  const together = (verdict: Transaction["verdict"]): Transaction =>
    pacman.transaction(new Map(files.filter((file) => file.verdict === verdict).map(({ name, text }) => [name, text])));

  const accepted = together("accepts");
  assert.is(accepted.verdict, "accepts", accepted.output);

  const refused = errors(together("refuses").output);
  const wanted = files.filter(({ verdict }) => verdict === "refuses").flatMap((file) => file.messages);
  assert.equal(refused.toSorted(), wanted.toSorted());

  const crashing = files.filter(({ verdict }) => verdict === "crashes");
  assert.ok(crashing.length > 5, "too few files that crash pacman to learn anything");
  for (const { text } of crashing.slice(0, 60)) compare(text);
});

test("what printHook writes pacman accepts, and it reads back as the same hook", () => {
  const word = fc
    .string({ unit: fc.constantFrom(..."ab/*?![]\\#=;é $"), minLength: 1, maxLength: 8 })
    .map((text) => `x${text}x`);
  const plain = { noNullPrototype: true } as const;
  const trigger = fc.record(
    {
      operations: fc.subarray([...operations], { minLength: 1 }),
      type: fc.constantFrom("Path", "Package"),
      targets: fc.array(word, { minLength: 1, maxLength: 4 }),
    },
    plain,
  );
  const hook = fc.record(
    {
      triggers: fc.array(trigger, { minLength: 1, maxLength: 3 }),
      action: fc.record(
        {
          description: word,
          when: fc.constantFrom("PreTransaction", "PostTransaction"),
          exec: word.map((text) => `/bin/true ${text}`),
          depends: fc.array(word, { maxLength: 2 }),
          abortOnFail: fc.boolean(),
          needsTargets: fc.boolean(),
        },
        plain,
      ),
    },
    plain,
  );
  const hooks = fc.sample(hook, 200);
  for (const one of hooks) {
    assert.equal(readHook(parseHookFile(printHook(one, ["made by a test"]))), { kind: "hook", hook: one });
  }
  const told = pacman.transaction(new Map(hooks.map((one, index) => [`${index}.hook`, printHook(one)])));
  assert.is(told.verdict, "accepts", told.output);
});

test.run();
