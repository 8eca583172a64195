/** Reads the listing of GNU tar: `--list --verbose --quoting-style=c --numeric-owner`, one entry a line. Format: tar(1), info node "verbose member listing". */
import type { ArchiveEntry, EntryKind } from "../../model/archive/archive-entry.ts";

/** The options that make the listing as it is read here; names stand in it as they are in the archive. */
export const listingOptions = [
  "--list",
  "--verbose",
  "--quoting-style=c",
  "--numeric-owner",
  "--full-time",
  "--utc",
  "--absolute-names",
  "--warning=no-unknown-keyword",
] as const;

/** `-rw-r--r-- 0/0  125 2026-11-21 05:33:01 "./x"`; devices have `major,minor` in place of a size, links ` -> "target"` or ` link to "target"`. */
const linePattern =
  /^(?<mark>\S)\S{9}\S? +\d+\/\d+ +(?<size>\d+|\d+,\d+) [^"]*"(?<path>(?:[^"\\]|\\.)*)"(?: (?:->|link to) "(?<target>(?:[^"\\]|\\.)*)")?(?<rest>.*)$/;

/** Takes a line of the listing apart; undefined when it is none. The line holds bytes, as Latin-1. */
export function parseListingLine(line: string): ArchiveEntry | undefined {
  const groups = linePattern.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { mark = "", size = "", path = "", target = "", rest = "" } = groups;
  const kind = rest === "" ? (kinds[mark] ?? "special") : "special";
  return { kind, path: unquoted(path), target: unquoted(target), size: Number(size.split(",", 1)[0]) };
}

const kinds: Readonly<Record<string, EntryKind>> = { "-": "file", d: "directory", l: "link", h: "hard-link" };

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Undoes the quoting of a C string; what is no UTF-8 then holds U+FFFD. */
function unquoted(text: string): string {
  const bytes = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (escapes[code] ?? code),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
