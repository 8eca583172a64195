/** Values as text that one program of ours leaves to the next: JSON in which maps and sets are marked. */

/** A value as one line of text. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return { "\u0000map": [...part] };
    return part instanceof Set ? { "\u0000set": [...part] } : part;
  });
}

/** The value of a text that `encode` has made; the caller knows its type, since both ends are this very program. */
export function decode(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== "object" || part === null) return part;
    if ("\u0000map" in part) return new Map(part["\u0000map"] as [unknown, unknown][]);
    return "\u0000set" in part ? new Set(part["\u0000set"] as unknown[]) : part;
  });
}
