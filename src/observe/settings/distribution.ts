/** Which distribution this is, by os-release(5). */
import { DkmsError } from "../../model/errors.ts";
import { readText } from "../../system/files/content.ts";

/** Where os-release is, by precedence. */
const places: readonly string[] = ["/etc/os-release", "/usr/lib/os-release"];

/**
 * `ubuntu` for Ubuntu itself, else all of ID_LIKE (`arch`, `rhel centos fedora`), else ID: callers look at how it begins.
 * Throws `no-os-release`.
 */
export function readDistribution(files: readonly string[] = places): string {
  for (const file of files) {
    const text = readText(file);
    if (text !== undefined) return distributionOf(text);
  }
  throw new DkmsError("no-os-release", `Cannot identify the system: there is no ${files.join(" and no ")}.`, {
    hint: "os-release belongs to the distribution's base files (Arch: pacman -S filesystem).",
  });
}

/** The distribution that the text of an os-release file names; empty when it names none. */
export function distributionOf(text: string): string {
  const id = assignment(text, "ID");
  if (id === "ubuntu") return id;
  const like = assignment(text, "ID_LIKE");
  return like === undefined || like === "" ? (id ?? "") : like;
}

/** The last assignment counts, as in a shell; values may stand in quotes, and a backslash protects the next character. */
function assignment(text: string, name: string): string | undefined {
  let value: string | undefined;
  for (const line of text.split("\n")) {
    const [key, ...rest] = line.trim().split("=");
    if (key === name) value = unquoted(rest.join("="));
  }
  return value;
}

function unquoted(text: string): string {
  const inner = /^(["'])(.*)\1$/.exec(text);
  if (inner === null) return text.replaceAll(/\\(.)/g, "$1");
  return inner[1] === "'" ? (inner[2] ?? "") : (inner[2] ?? "").replaceAll(/\\(["$`\\])/g, "$1");
}
