/** Debian's headers name their compiler in a makefile, `.kernelvariables`. It is read as data: make would carry out what strangers wrote in it. */
import { compilerName } from "./programs.ts";

/** The compiler that the text names; undefined where it names none of a known form, or says it in a way that only make understands. */
export function declaredCompiler(text: string): string | undefined {
  const variables = new Variables();
  /** Whether the lines of each conditional that is open count. */
  const open: boolean[] = [];
  const lines = text.replaceAll("\\\n", " ").split("\n").slice(0, mostLines);
  // A longer one could keep the expressions busy for hours.
  for (const line of lines.map((whole) => whole.slice(0, longestLine))) {
    const conditional = /^\s*(ifn?eq|ifn?def|else|endif)\b\s*(.*)$/.exec(line);
    const [, word = "", rest = ""] = conditional ?? [];
    if (word === "endif") {
      if (open.pop() === undefined) return undefined;
    } else if (word === "else") {
      open.push(open.pop() !== true);
    } else if (word !== "") {
      const holds = condition(word, rest, variables);
      if (holds === undefined) return undefined;
      open.push(holds);
    } else if (open.every(Boolean)) {
      assign(line, variables);
    }
  }
  return open.length > 0 ? undefined : compilerName(variables.expand(variables.get("CC")).trim());
}

const mostLines = 1000;
const longestLine = 500;

function assign(line: string, variables: Variables): void {
  const found = /^\s*(?:(?:override|export)\s+)*([A-Za-z_][A-Za-z0-9_]*)\s*(::?|\?)?=\s*(.*)$/.exec(line);
  const [, name = "", kind = "", value = ""] = found ?? [];
  if (name === "" || (kind === "?" && variables.get(name) !== "")) return;
  const plain = value.replace(/\s*#.*$/, "");
  variables.set(name, kind.startsWith(":") ? variables.expand(plain) : plain);
}

function condition(word: string, rest: string, variables: Variables): boolean | undefined {
  if (word.endsWith("def")) {
    const name = rest.trim();
    return name === "" ? undefined : (variables.get(name) !== "") === (word === "ifdef");
  }
  const [, left = "", right = ""] = /^\((.*),(.*)\)\s*$/.exec(rest) ?? /^"(.*)"\s+"(.*)"\s*$/.exec(rest) ?? [];
  return (variables.expand(left).trim() === variables.expand(right).trim()) === (word === "ifeq");
}

/** The variables of one makefile. */
class Variables {
  readonly #values = new Map<string, string>();
  /** Steps that are left: text that names itself, or grows and grows, comes to an end. */
  #left = 1000;

  get(name: string): string {
    return this.#values.get(name) ?? "";
  }

  set(name: string, value: string): void {
    this.#values.set(name, value.slice(0, 1000));
  }

  /** Variables and `$(if ...)`, from the inside out; every other function stands for a word that is no compiler. */
  expand(text: string): string {
    let expanded = text;
    for (;;) {
      const inner = /\$[({]([^$(){}]*)[)}]/.exec(expanded);
      if (inner === null) return expanded;
      this.#left -= 1;
      if (this.#left < 0 || expanded.length > 10_000) return "?";
      const [whole, words = ""] = inner;
      expanded = `${expanded.slice(0, inner.index)}${this.#meaning(words)}${expanded.slice(inner.index + whole.length)}`;
    }
  }

  #meaning(words: string): string {
    const [, test, yes = "", no = ""] = /^if\s+([^,]*),([^,]*)(?:,(.*))?$/.exec(words) ?? [];
    if (test !== undefined) return test.trim() === "" ? no : yes;
    return /^\w+$/.test(words) ? this.get(words) : "?";
  }
}
