/** What no program may say, whatever it was given: that it has a bug, where in its code it was, and bytes that a terminal obeys. */

/** Says what is wrong with a program's words; undefined when nothing is. */
export function unseemly(said: string): string | undefined {
  const found = faults.find(({ pattern }) => pattern.test(said));
  if (found === undefined) return undefined;
  const start = Math.max(0, said.search(found.pattern) - 300);
  return `${found.what}: ${JSON.stringify(said.slice(start, start + 1500))}`;
}

const faults: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: "tells of a bug", pattern: /has a bug/ },
  { what: "shows a stack trace", pattern: /^\s+at .*:\d+:\d+/m },
  { what: "sends control characters to the terminal", pattern: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/ },
];
