/** Reads mkinitcpio's presets as data: they are shell files, and a plain assignment is all that almost every one of them holds. */

/** What a preset says. `code`: it is more than plain assignments, so nobody knows without running it. */
export type Preset =
  | { readonly kind: "plain"; readonly images: readonly PresetImage[] }
  | { readonly kind: "code"; readonly line: number };

/** One name of PRESETS with what is written for it. */
export interface PresetImage {
  readonly name: string;
  /** `X_kver` or ALL_kver: the path of a kernel, or a kernel release. */
  readonly kernel: string | undefined;
  /** `X_image` */
  readonly image: string | undefined;
  /** `X_uki`, formerly `X_efi_image`. */
  readonly uki: string | undefined;
}

/** Reads the text of a preset, see mkinitcpio(8); the preset `default` comes first, which is what boots. */
export function parsePreset(text: string): Preset {
  const values = new Map<string, readonly string[]>();
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const first = index;
    let line = lines[index] ?? "";
    if (/^\s*(#|$)/.test(line)) continue;
    // A list may go over several lines.
    while (/^\s*\w+=\([^)]*$/.test(line) && index + 1 < lines.length) {
      index += 1;
      line += ` ${lines[index] ?? ""}`;
    }
    const [, name, value = ""] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    const words = plainWords(value);
    if (name === undefined || words === undefined) return { kind: "code", line: first + 1 };
    values.set(name, words);
  }
  const value = (name: string): string | undefined => values.get(name)?.[0] || undefined;
  const names = values.get("PRESETS") ?? [];
  const ordered = names.toSorted((a, b) => Number(b === "default") - Number(a === "default"));
  return {
    kind: "plain",
    images: ordered.map((name) => ({
      name,
      kernel: value(`${name}_kver`) ?? value("ALL_kver"),
      image: value(`${name}_image`),
      uki: value(`${name}_uki`) ?? value(`${name}_efi_image`),
    })),
  };
}

/** The words of an assignment's right side, one or a list; undefined for everything that a shell would do something with. */
function plainWords(value: string): readonly string[] | undefined {
  const list = /^\((.*)\)\s*(?:#.*)?$/.exec(value)?.[1];
  const words: string[] = [];
  let rest = (list ?? value).trim();
  while (rest !== "" && !rest.startsWith("#")) {
    const word = /^(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\;&|<>(){}*?[\]~#!]+))(?=\s|$)/.exec(rest);
    if (word === null) return undefined;
    words.push(word[1] ?? word[2] ?? word[3] ?? "");
    rest = rest.slice(word[0].length).trim();
  }
  return list === undefined && words.length > 1 ? undefined : words;
}
