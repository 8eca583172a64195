/** Finds in makefiles of the kernel's build system which modules they build. */

/** A module that a makefile names: `dir/name.ko`. */
export interface BuiltObject {
  readonly name: string;
  /** Relative to the sources, ending in a slash; empty for their own directory. */
  readonly location: string;
}

/** The modules of `obj-m`, in the makefile of a directory and of those that it goes down to; `kbuild` has the texts by directory. */
export function builtObjects(kbuild: ReadonlyMap<string, string>, location = ""): readonly BuiltObject[] {
  const text = (kbuild.get(location) ?? "").replace(/\\\n/g, " ");
  const variables = new Map(
    [...text.matchAll(/^[ \t]*(\w+)[ \t]*[:?]?=([^#\n]*)/gm)].map(([, name = "", value = ""]) => [name, value.trim()]),
  );
  const expanded = (words: string): string =>
    words.replace(/\$[({](\w+)[)}]/g, (whole, name) => variables.get(name) ?? whole);
  const found: BuiltObject[] = [];
  // obj-m, and obj-$(CONFIG_SOMETHING), which only the kernel's configuration could turn off.
  for (const [, words = ""] of text.matchAll(/^[ \t]*obj-(?:m|\$[({]CONFIG_\w+[)}])[ \t]*[:+]?=([^#\n]*)/gm)) {
    for (const word of expanded(words).split(/\s+/)) {
      const directory = /^([\w.-]+\/)+$/.test(word) && !word.includes("..") ? word : undefined;
      if (directory !== undefined) found.push(...builtObjects(kbuild, `${location}${directory}`));
      const name = /^([\w-]+)\.o$/.exec(word)?.[1];
      if (name !== undefined && !found.some((object) => object.name === name)) found.push({ name, location });
    }
  }
  return found;
}
