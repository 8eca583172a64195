/**
 * Confs that say the same to every shell: nothing but comments and assignments of plain values to directives. Most are so but for their MAKE, and what they say
 * of their objects can be read without starting bash.
 */
import { directiveNames, type DirectiveName, type RawDirective } from "./raw-conf.ts";

/** Characters that neither an assignment nor the second expansion, which splits and globs, changes. */
const literal = "[A-Za-z0-9_./:+,@%=-]";
/** Text that both expansions get over whatever it says, as it calls nothing and assigns nothing. */
const harmless = (quote: string): string =>
  String.raw`(?:[^${quote}"\x60$\\\x00-\x08\x0a-\x1f\x7f]|\\[^"'\x60$\\\x00-\x1f]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*`;
const assignment = new RegExp(
  String.raw`^([A-Z_]+)(?:\[(0|[1-9]\d{0,3})\])?=(?:"(${harmless("")})"|'(${harmless("'")})'|(${literal}*))[ \t]*(?:[ \t]#.*)?$`,
);
const isLiteral = new RegExp(`^${literal}*$`);

/** What decides which objects there are, and whether the conf counts at all. */
const needed: ReadonlySet<DirectiveName> = new Set<DirectiveName>([
  "PACKAGE_NAME",
  "PACKAGE_VERSION",
  "BUILT_MODULE_NAME",
  "BUILT_MODULE_LOCATION",
  "DEST_MODULE_NAME",
  "DEST_MODULE_LOCATION",
  "AUTOINSTALL",
  "BUILD_DEPENDS_REBUILD",
  "NO_WEAK_MODULES",
]);

const known: ReadonlySet<string> = new Set(directiveNames);

/**
 * The directives of a conf that concern its objects, as bash would give them for any kernel; undefined where only bash can tell: for everything but plain
 * assignments, and where objects are for certain kernels only.
 */
export function plainConf(text: string): ReadonlyMap<DirectiveName, RawDirective> | undefined {
  const found = new Map<DirectiveName, { form: RawDirective["form"]; values: Map<number, string> }>();
  for (const line of text.split("\n")) {
    if (/^[ \t]*(?:#.*)?$/.test(line)) continue;
    const [, name = "", index, double, single, bare] = assignment.exec(line) ?? [];
    if (!isDirective(name)) return undefined;
    // An index makes an exclusion one of a single object.
    if (index !== undefined && name.startsWith("BUILD_EXCLUSIVE_")) return undefined;
    if (!needed.has(name)) continue;
    const value = single ?? expanded(double ?? bare ?? "", (variable) => found.get(variable)?.values.get(0));
    if (value === undefined || !isLiteral.test(value)) return undefined;
    const directive = found.get(name) ?? { form: "scalar", values: new Map<number, string>() };
    if (index !== undefined) directive.form = "array";
    directive.values.set(Number(index ?? 0), value);
    found.set(name, directive);
  }
  return new Map([...found].map(([name, directive]) => [name, { ...directive, verdicts: new Map() }]));
}

function isDirective(name: string): name is DirectiveName {
  return known.has(name);
}

/** A value with the name and the version of the package in it, where these were assigned before; undefined with any other variable. */
function expanded(value: string, valueOf: (name: DirectiveName) => string | undefined): string | undefined {
  let isKnown = true;
  const text = value.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain;
    const assigned = name === "PACKAGE_NAME" || name === "PACKAGE_VERSION" ? valueOf(name) : undefined;
    isKnown &&= assigned !== undefined;
    return assigned ?? "";
  });
  return isKnown ? text : undefined;
}
