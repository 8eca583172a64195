/** A transcript as a picture of a terminal, in SVG: one text element a line, colours by what the line is. */

/** One line of a transcript, and how long after the one before it appears, in seconds. */
export interface TranscriptLine {
  readonly text: string;
  readonly after: number;
}

const fontSize = 13;
const lineHeight = 18;
const margin = 16;
/** Width of a character of a monospaced font, as part of its size. */
const characterWidth = 0.602;

/** Colours of lines by how they begin; the first that fits. */
const colours: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/^\[root@/, "#ffffff"],
  [/^==> ERROR|^error:/, "#ff6b68"],
  [/^==> WARNING/, "#e5c07b"],
  [/^::/, "#61afef"],
  [/^==>/, "#98c379"],
];

/** Draws the lines. Each appears at its time and stays; without animation all of them are seen. */
export function transcriptSvg(lines: readonly TranscriptLine[], title: string): string {
  const longest = Math.max(...lines.map(({ text }) => text.length));
  const width = Math.ceil(longest * fontSize * characterWidth) + 2 * margin;
  const height = lines.length * lineHeight + 2 * margin;
  let time = 0;
  const rows = lines.map(({ text, after }, index) => {
    time += after;
    const y = margin + index * lineHeight + fontSize;
    const colour = colours.find(([pattern]) => pattern.test(text))?.[1] ?? "#c8ccd4";
    const delay = time === 0 ? "" : ` style="animation-delay:${time.toFixed(1)}s"`;
    return `<text x="${margin}" y="${y}" fill="${colour}"${delay}>${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:${fontSize}px ui-monospace,Menlo,Consolas,monospace;white-space:pre}
@media (prefers-reduced-motion:no-preference){text{animation:appear .1s both}}
@keyframes appear{from{opacity:0}to{opacity:1}}
</style>
<rect width="100%" height="100%" rx="8" fill="#282c34"/>
${rows.join("\n")}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
