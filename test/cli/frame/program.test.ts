/** Command lines of the programs beside dkms. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Program } from "../../../src/cli/frame/option-table.ts";
import { parseFlags } from "../../../src/cli/frame/program.ts";
import { DkmsError } from "../../../src/model/errors.ts";

const program: Program = {
  name: "dkms-some",
  summary: "",
  usage: [],
  commands: [],
  options: [
    { name: "dry-run", short: "n", description: "" },
    { name: "output", short: "o", argument: "DIR", description: "" },
  ],
};

const parsed = (line: string, words?: Program["words"]) =>
  parseFlags({ ...program, ...(words && { words }) }, line.split(" "));

test("flags, values and words", () => {
  const given = parsed("-n one --output=/a -o /b -- -x", ["file"]);
  assert.ok(given.has("dry-run"));
  assert.is(given.value("output"), "/b");
  assert.equal(given.values("output"), ["/a", "/b"]);
  assert.equal(given.words, ["one", "-x"]);
  assert.not.ok(parsed("--output x").has("dry-run"));
});

for (const [line, message, hint] of [
  ["--dry-rnu", "Unknown option: --dry-rnu", "Did you mean --dry-run?"],
  ["--frobnicate", "Unknown option: --frobnicate", undefined],
  ["-x", "Unknown option: -x", undefined],
  ["--output", "Option --output needs a value.", undefined],
  ["--output --dry-run", "Option --output needs a value.", undefined],
  ["--dry-run=yes", "Option --dry-run takes no value.", undefined],
  ["word", "Extra argument: word", undefined],
] as const) {
  test(line, () => {
    try {
      parsed(line);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, DkmsError);
      const { code, facts, message: said } = error as DkmsError;
      assert.equal([code, said, facts.hint], ["usage", message, hint]);
    }
  });
}

test.run();
