/** The module that a command line names: `MODULE`, `MODULE/VERSION`, or options. */
import { writeLine } from "../../system/output.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";

/** What a command line says of the module: name and version, either may be missing. Further words are warned of. */
export function givenModule(given: ParsedArguments): { name: string | undefined; version: string | undefined } {
  const option = given.value("module");
  const operands = given.words.slice(1);
  for (const word of operands.slice(option === undefined ? 1 : 0)) {
    writeLine("err", `Warning: ignoring extra argument: ${JSON.stringify(word)}`);
  }
  const word = option ?? operands[0];
  const slash = word?.indexOf("/") ?? -1;
  const name = word === undefined || slash < 0 ? word : word.slice(0, slash);
  const version = given.value("v") ?? (word === undefined || slash < 0 ? undefined : word.slice(slash + 1));
  return { name, version };
}
