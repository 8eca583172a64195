/** Help texts: what is given can be read on a terminal of 80 columns, and every command has its own. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programs, visibleCommands } from "../../../scripts/generate/programs.ts";
import { dkmsProgram } from "../../../src/cli/dkms/commands.ts";
import { commandHelp, helpText } from "../../../src/cli/frame/help.ts";

for (const program of programs) {
  const texts = [helpText(program), ...program.commands.map((command) => commandHelp(program, command))];
  test(`${program.name}: no line of its help is longer than 80 columns`, () => {
    for (const text of texts) for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
  });

  test(`${program.name}: no word of a description is lost`, () => {
    const words = helpText(program).split(/\s+/).join(" ");
    for (const { description, hidden } of program.options) {
      if (!hidden) assert.ok(words.includes(description), description);
    }
  });
}

for (const command of visibleCommands(dkmsProgram)) {
  test(`dkms ${command.name}: its options are rows of the table, and it has an example of its own`, () => {
    const known = new Set<string>(dkmsProgram.options.map(({ name }) => name));
    for (const name of command.options ?? []) assert.ok(known.has(name), name);
    assert.match(command.example ?? "", new RegExp(`^dkms ${command.name}\\b`));
    const text = commandHelp(dkmsProgram, command);
    assert.match(text, `Usage: dkms ${command.name}`);
    assert.match(text, `Example:\n  dkms ${command.name}`);
  });
}

test("the help of a command has no option of other commands", () => {
  const command = dkmsProgram.commands.find(({ name }) => name === "status");
  assert.ok(command !== undefined);
  const text = commandHelp(dkmsProgram, command);
  assert.match(text, "--kernelver");
  assert.not.match(text, "--templatekernel");
});

test.run();
