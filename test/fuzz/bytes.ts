/** Texts as bytes, which is how programs get them: no valid UTF-8, NUL in the middle, a line of a megabyte, no newline at the end. */
import * as fc from "fast-check";
import { path, word } from "./words.ts";

/** Bytes that no text has, or that end one too early. */
const oddBytes = fc.oneof(
  fc.constantFrom(
    Buffer.from([0]),
    Buffer.from([0xff, 0xfe]),
    Buffer.from([0xc3]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from([0x9b, 0x33, 0x31, 0x6d]),
    Buffer.from([0x0d]),
  ),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);

/** Lines of which some have such bytes in the middle or at the end; the last line may have no newline. */
function bytesOf(line: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<Buffer> {
  const part = fc.oneof(
    { weight: 3, arbitrary: line.map((text) => Buffer.from(text)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(line, oddBytes, line)
        .map(([before, odd, after]) => Buffer.concat([Buffer.from(before), odd, Buffer.from(after)])),
    },
  );
  return fc
    .tuple(fc.array(part, { maxLength }), fc.constantFrom("", "\n", "\n\n"))
    .map(([parts, end]) =>
      Buffer.concat([...parts.flatMap((one, index) => (index === 0 ? [one] : [newline, one])), Buffer.from(end)]),
    );
}

const newline = Buffer.from("\n");

const targetLine = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(path, word) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom("usr/lib/modules/", "usr/src/", "../usr/src/", "/usr/src/"),
        word,
        fc.constantFrom(
          "/dkms.conf",
          "/vmlinuz",
          "/modules.order",
          "/build/",
          "/build/include/",
          "/updates/dkms-pkg/good.json",
          "/",
          "",
        ),
      )
      .map((parts) => parts.join("")),
  },
  // Rare, since there are up to twelve lines in a case.
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "x".repeat(1_000_000),
      `usr/src/${"y".repeat(1_000_000)}`,
      `usr/src/${"y/".repeat(3000)}dkms.conf`,
    ),
  },
);

/** What pacman writes to a hook; from a hundred lines on, hooks/run-hook takes another way. */
export const targetBytes: fc.Arbitrary<Buffer> = fc
  .tuple(bytesOf(targetLine, 12), fc.constantFrom(0, 0, 0, 98, 100, 3000))
  .map(([bytes, more]) => Buffer.concat([Buffer.from("usr/share/x\n".repeat(more)), bytes]));

const hookLine = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "[Trigger]",
      "[Action]",
      "Type = Path",
      "Operation = Install",
      "Exec = /bin/true",
      "AbortOnFail",
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom("Target", "Exec", "Depends", "Description", "Type", "When", "[Trigger"),
        fc.oneof(word, path),
      )
      .map((two) => two.join(" = ")),
  },
  { weight: 4, arbitrary: fc.oneof(word, path) },
  { weight: 1, arbitrary: fc.constantFrom(`Target = ${"x".repeat(1_000_000)}`, `Exec = ${"'a' ".repeat(50_000)}`) },
);

/** A file for pacman's hooks. */
export const hookFile: fc.Arbitrary<Buffer> = bytesOf(hookLine, 20);
