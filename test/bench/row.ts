/** What a benchmark tells: rows of figures measured side by side, the bars that they are held to, and the table that they make. */

/** One comparison; all figures were measured in the same rounds. */
export interface Row {
  /** What was done. */
  readonly title: string;
  /** `processor`: user and system time, children included. */
  readonly measure: "milliseconds" | "processor milliseconds" | "microseconds a pair" | "MiB";
  /** The floor: bare Node, bare makes. */
  readonly floor: number | undefined;
  readonly ours: number;
  readonly reference: number | undefined;
  readonly bars: readonly Bar[];
}

/** What a figure is held to. */
export interface Bar {
  /** What is compared: `of the reference`, `ms beyond bare Node`. */
  readonly words: string;
  readonly value: number;
  readonly atMost: number;
}

/** How a bar came out. */
export function verdict({ value, atMost }: Bar): "met" | "MISSED" {
  return value <= atMost ? "met" : "MISSED";
}

/** A bar for a figure in relation to another. */
export function ratioBar(words: string, value: number, base: number, atMost: number): Bar {
  return { words, value: value / base, atMost };
}

/** The rows as lines of text, in columns; under them every bar with its verdict. */
export function tableLines(rows: readonly Row[]): readonly string[] {
  const head = ["", "floor", "ours", "reference", "ours - floor", "ours / floor", "reference / ours", "measured"];
  const cells = rows.map(({ title, floor, ours, reference, measure }) => [
    title,
    number(floor),
    number(ours),
    number(reference),
    number(floor === undefined ? undefined : ours - floor),
    floor === undefined ? "" : (ours / floor).toFixed(2),
    reference === undefined ? "" : (reference / ours).toFixed(1),
    measure,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((line) => line[column]?.length ?? 0)));
  const table = [head, ...cells].map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === head.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [...table, "", ...rows.flatMap(barLines)];
}

/** `met     dkms status, 100 pairs: 31.0 ms beyond bare Node, at most 45` */
export function barLines({ title, bars }: Row): readonly string[] {
  return bars.map((bar) => {
    const { words, value, atMost } = bar;
    return `${verdict(bar).padEnd(6)}  ${title}: ${value < 10 ? value.toFixed(3) : value.toFixed(1)} ${words}, at most ${Number(atMost.toFixed(3))}`;
  });
}

function number(value: number | undefined): string {
  if (value === undefined) return "";
  return Math.abs(value) < 100 ? value.toFixed(1) : value.toFixed(0);
}
